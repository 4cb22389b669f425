"""Connections used again, each lent to one call at a time, so that any thread and any process may call."""

import os
import time
import weakref
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from titan_core.data.store.places import Places
from titan_core.errors import StoreError

__all__ = ["ConnectionPool", "now_microseconds"]

_MAX_IDLE = 4  # where any number may be open

ConnectionT = TypeVar("ConnectionT")


class ConnectionPool(ABC, Generic[ConnectionT]):
    """Connections to one database: lent, or idle and lent again.

    A connection belongs to a home (the process, and what the database's address means now); a fork or a replaced
    file makes another home, and a connection must not cross.

    Parameters
    ----------
    max_connections : int, optional
        How many this process has open at most, lent and idle; None = as many as are asked for at once.
    patience_seconds : float
        How long a call waits for one of them.
    """

    faults: type[Exception]  # what the driver raises

    def __init__(self, *, max_connections: int | None = None, patience_seconds: float = 30.0) -> None:
        self._idle: deque[tuple[Hashable, int, ConnectionT]] = deque()
        self._places = None if max_connections is None else Places(max_connections)
        self._patience_seconds = patience_seconds
        weakref.finalize(self, self._close_all, self._idle)

    @abstractmethod
    def _home(self) -> Hashable:
        """What a connection must have been opened for to be used now."""

    @abstractmethod
    def _open(self) -> ConnectionT:
        """A new connection, outside any transaction."""

    @abstractmethod
    def _begin(self, connection: ConnectionT, *, write: bool) -> None:
        """Begin a transaction: a snapshot to read from, or the one writer."""

    @abstractmethod
    def _commit(self, connection: ConnectionT) -> None:
        """Keep what the transaction wrote."""

    @abstractmethod
    def _said(self, fault: Exception) -> StoreError:
        """The driver's fault in words."""

    def _said_full(self, n: int) -> StoreError:
        """That all connections were lent for too long, in words."""
        return StoreError(f"all {n} connections have been in use for {self._patience_seconds:g} s")

    def _is_stale(self, fault: Exception) -> bool:
        """Whether an idle connection failed because its server is gone, and a new one may do."""
        return False

    @contextmanager
    def read(self) -> Iterator[ConnectionT]:
        """One consistent snapshot for all queries inside."""
        with self._borrowed(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[ConnectionT]:
        """One transaction that is the only writer from its first statement: all of it is kept, or nothing.

        Raises
        ------
        StoreError
            The disk is full, another writer took too long, the database is gone, damaged or not ours.
        """
        with self._borrowed(write=True) as connection:
            yield connection

    def close(self) -> None:
        """Close idle connections; the pool can be used again afterwards."""
        self._close_all(self._idle)

    @contextmanager
    def _borrowed(self, *, write: bool) -> Iterator[ConnectionT]:
        """Lend a connection inside a transaction; it comes back only if nothing went wrong."""
        home = self._home()
        with self._place():
            connection: ConnectionT | None = None
            try:
                connection = self._begun(home, write=write)
                yield connection
                self._commit(connection)
            except BaseException as error:
                if connection is not None:
                    _close(connection)  # rolls back, whatever state the fault left it in
                if isinstance(error, self.faults):
                    raise self._said(error) from error
                raise
            # before its place is free, or another call would open one more
            if len(self._idle) < (_MAX_IDLE if self._places is None else self._places.n):
                self._idle.append((home, os.getpid(), connection))
            else:
                _close(connection)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the connections there may be."""
        if self._places is None:
            yield
            return
        if not self._places.take(self._patience_seconds):
            raise self._said_full(self._places.n)
        try:
            yield
        finally:
            self._places.give_back()

    def _begun(self, home: Hashable, *, write: bool) -> ConnectionT:
        """A connection in a transaction: an idle one that still works, or a new one."""
        while True:
            idle = self._take(home)
            connection = self._open() if idle is None else idle
            try:
                self._begin(connection, write=write)
            except BaseException as error:
                _close(connection)
                if idle is not None and isinstance(error, self.faults) and self._is_stale(error):
                    continue
                raise
            return connection

    def _take(self, home: Hashable) -> ConnectionT | None:
        """An idle connection that belongs here; others are dropped."""
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:  # another thread took the last one
                return None
            if idle[0] == home:
                return idle[2]
            _drop(idle)
        return None

    @staticmethod
    def _close_all(idle: deque[Any]) -> None:
        while idle:
            try:
                _drop(idle.pop())
            except IndexError:  # another thread took the last one
                return


def now_microseconds() -> int:
    """The moment, as microseconds since 1970 UTC."""
    return time.time_ns() // 1000


_inherited: list[Any] = []


def _drop(idle: tuple[Hashable, int, Any]) -> None:
    """Close a connection, unless a fork brought it: closing it here would end the parent's session or its locks."""
    _, process, connection = idle
    if process == os.getpid():
        _close(connection)
    else:
        _inherited.append(connection)


def _close(connection: Any) -> None:
    connection.close()
