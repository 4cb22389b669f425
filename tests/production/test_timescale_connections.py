"""Connections are bounded, waited for a while, and replaced once the server was away: the store's and Django's."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
import pytest
from django.db import OperationalError, connections
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from api.errors import exception_handler
from common.env import DatabaseURL
from titan.settings.databases import database
from titan_core.data.store import PostgresPriceStore
from titan_core.errors import InvalidInput, StoreError
from tools.services import TimescaleServer

LIMIT, READERS = 3, 16
DAYS = np.arange(5_000).astype("M8[D]")


@pytest.fixture(scope="module")
def server() -> Iterator[TimescaleServer]:
    """One of this module's own: it is stopped and killed."""
    with TimescaleServer() as made:
        yield made


@pytest.fixture(scope="module")
def url(server: TimescaleServer) -> str:
    made = server.create_database("bars")
    with PostgresPriceStore.create(made) as store:
        store.write_many(
            np.repeat(np.arange(1, 21), DAYS.size), np.tile(DAYS, 20), close=np.ones(20 * DAYS.size)
        )
    return made


@contextmanager
def watched(url: str) -> Iterator[list[int]]:
    """How many sessions the database has, looked at all the time, this look's own left out."""
    seen, ended = [0], threading.Event()

    def look() -> None:
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
            while not ended.is_set():
                query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
                [count] = connection.execute(query, [url.rpartition("/")[2]]).fetchone() or [0]
                seen.append(count)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def at_once(n: int, work: Callable[[], object]) -> list[BaseException]:
    """Do it in so many threads that start together; what they raised."""
    faults: list[BaseException] = []
    ready = threading.Barrier(n)

    def run() -> None:
        ready.wait()
        try:
            work()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


# ---------------------------------------------------------------- the price store


def test_readers_never_exceed_the_limit(url: str) -> None:
    series = {f"S{key}": key for key in range(1, 21)}
    with PostgresPriceStore(url, max_connections=LIMIT) as store, watched(url) as seen:
        for _ in range(3):
            assert at_once(READERS, lambda: store.read_prices(series, adjustment="raw")) == []
    assert max(seen) == LIMIT  # all were used, and no more


def test_who_finds_none_waits_a_bounded_while(url: str) -> None:
    with PostgresPriceStore(url, max_connections=2, busy_timeout_seconds=0.4) as store:
        with store._reading(), store._reading():
            started = time.monotonic()
            with pytest.raises(
                StoreError, match=r"all 2 connections of this process .* raise TITAN_PRICE_CONNECTIONS"
            ):
                store.coverage([1])
            assert time.monotonic() - started >= 0.4
        assert store.coverage([1])[1].n_bars == DAYS.size  # they are free again


def test_a_place_that_comes_free_is_taken(url: str) -> None:
    with PostgresPriceStore(url, max_connections=2) as store:
        reading = store._reading()
        other = store._reading()
        reading.__enter__()
        other.__enter__()
        found: list[int] = []
        waiting = threading.Thread(target=lambda: found.append(store.coverage([1])[1].n_bars))
        waiting.start()
        assert found == []
        reading.__exit__(None, None, None)
        waiting.join(30)
        other.__exit__(None, None, None)
        assert found == [DAYS.size]


def test_a_call_that_fails_gives_its_place_back(url: str) -> None:
    with PostgresPriceStore(url, max_connections=2, busy_timeout_seconds=5.0) as store:
        for _ in range(5):
            with pytest.raises(InvalidInput):
                store.write(1, DAYS[:1], close=[np.inf])
            with pytest.raises(StoreError), store._reading() as reader:
                reader._session.run("SELECT 1 / 0")
        assert store.coverage([1])[1].n_bars == DAYS.size


def test_a_forked_child_has_all_places(url: str) -> None:
    with (
        PostgresPriceStore(url, max_connections=2, busy_timeout_seconds=1.0) as store,
        store._reading(),
        store._reading(),
    ):
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if store.coverage([1])[1].n_bars == DAYS.size else 1)
            except BaseException:  # the child must never return into pytest
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        with pytest.raises(StoreError, match="all 2 connections"):
            store.coverage([1])


def test_one_connection_is_too_few(url: str) -> None:
    with pytest.raises(InvalidInput, match="a store needs 2"):
        PostgresPriceStore(url, max_connections=1)


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_the_store_outlives_its_server(server: TimescaleServer, url: str, how: str) -> None:
    with PostgresPriceStore(url, max_connections=LIMIT) as store:
        series = {"A": 1}
        assert at_once(LIMIT, lambda: store.read_prices(series, adjustment="raw")) == []  # idle ones now
        _away(server, how)
        assert at_once(READERS, lambda: store.read_prices(series, adjustment="raw")) == []
        with watched(url) as seen:
            assert at_once(READERS, lambda: store.read_prices(series, adjustment="raw")) == []
        assert max(seen) <= LIMIT


def test_a_server_that_is_away_is_said(server: TimescaleServer, url: str) -> None:
    with PostgresPriceStore(url, max_connections=2) as store:
        store.coverage([1])
        server.stop()
        try:
            for _ in range(3):  # places are not used up by failures
                with pytest.raises(StoreError, match="can't be reached"):
                    store.coverage([1])
        finally:
            server.start()
        assert store.coverage([1])[1].n_bars == DAYS.size


# ---------------------------------------------------------------- Django's


@pytest.fixture
def pooled(url: str, django_db_blocker: DjangoDbBlocker, request: pytest.FixtureRequest) -> Iterator[str]:
    """The alias of a database as production has it, its pool three wide and as patient as the test asks."""
    conf = database(DatabaseURL.parse(url), embedded=Path(), pool=LIMIT)
    conf["OPTIONS"]["pool"]["timeout"] = getattr(request, "param", 60.0)
    connections.settings["pooled"] = ConnectionHandler({"default": conf}).settings["default"]
    with django_db_blocker.unblock():
        yield "pooled"
    connections["pooled"].close()
    connections["pooled"].close_pool()
    del connections["pooled"]
    del connections.settings["pooled"]


def ask(alias: str, query: str = "SELECT count(*) FROM price") -> object:
    """As a request does: its own thread's connection, given back at the end."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()
    finally:
        connection.close()


def test_requests_share_the_pool(url: str, pooled: str) -> None:
    with watched(url) as seen:
        faults = at_once(READERS, lambda: ask(pooled, "SELECT pg_sleep(0.02)"))
    assert faults == []
    assert max(seen) == LIMIT


@pytest.mark.parametrize("pooled", [1.0], indirect=True)
def test_a_request_that_finds_none_is_told_so(pooled: str) -> None:
    faults = at_once(READERS, lambda: ask(pooled, "SELECT pg_sleep(0.7)"))
    assert 0 < len(faults) < READERS
    assert all(isinstance(fault, OperationalError) for fault in faults)
    answer = exception_handler(faults[0], {})  # type: ignore[arg-type]  # an Exception, as said above
    assert answer.status_code == 503
    assert answer.data["error"]["code"] == "database_unavailable"
    assert "Try again" in answer.data["error"]["message"]
    assert ask(pooled) == (20 * DAYS.size,)


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_the_pool_outlives_its_server(server: TimescaleServer, pooled: str, how: str) -> None:
    assert at_once(LIMIT, lambda: ask(pooled)) == []
    _away(server, how)
    assert at_once(READERS, lambda: ask(pooled)) == []


def test_a_forked_child_makes_a_pool_of_its_own(pooled: str) -> None:
    """And leaves the parent's sessions alone."""
    connection = connections[pooled]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if ask(pooled, "SELECT pg_backend_pid()") != mine else 1)
            except BaseException:  # the child must never return into pytest
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() == mine


def test_production_and_only_production_pools() -> None:
    url = DatabaseURL.parse("postgresql://u@h/x?sslmode=require")
    assert database(url, embedded=Path())["OPTIONS"] == {"sslmode": "require"}
    pool = database(url, embedded=Path(), pool=5)
    assert pool["OPTIONS"]["pool"]["max_size"] == 5
    assert pool["CONN_HEALTH_CHECKS"]
    assert "CONN_MAX_AGE" not in pool  # Django refuses a pool of connections that persist


def _away(server: TimescaleServer, how: str) -> None:
    if how == "kill":
        server.kill()
        server.start()
    else:
        server.restart()
