"""`Titan`: every operation of the API, and what a program wants on top of them."""

import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from titan_client.errors import JobFailed
from titan_client.generated import models
from titan_client.generated.operations import Operations
from titan_client.progress import progress_bar
from titan_client.streams import Event, follow
from titan_client.tables import frame_of, table_of
from titan_client.transport import Transport

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Titan"]

ARROW = "application/vnd.apache.arrow.stream"
_ENDED = frozenset({"COMPLETED", "FAILED", "ERRORED", "CANCELLED"})


class Titan(Operations):
    """A server, as one person.

    Parameters
    ----------
    url : str
        Such as ``http://localhost:8000``.
    key : str, optional
        An API key, ``titan_…``: the usual way for a program.
    token : str, optional
        An access token; it ends after minutes, and nothing renews it.
    username, password, otp : str, optional
        Sign in as a person; renewed while the client lives, ended by `close`.
    timeout : float
        Seconds an answer may take.
    transport : httpx.BaseTransport, optional
        Another way to the server than the network, for tests.

    Raises
    ------
    ApiError
        From every call that the server refuses, in its words.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        otp: str | None = None,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = Transport(
            url,
            token=token,
            username=username,
            password=password,
            otp=otp,
            key=key,
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        """Close the connection; a sign-in by password is ended with it."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        is_form: bool = False,
        accept: str = "application/json",
        idempotency_key: str | None = None,
    ) -> Any:
        """Ask, and return the answer decoded: JSON as it is, Arrow as bytes, everything else as text."""
        answer = self._transport.send(
            method,
            path,
            query={name: _word(name, value) for name, value in (query or {}).items() if value is not None},
            body=body,
            is_form=is_form,
            accept=accept,
            idempotency_key=idempotency_key,
        )
        if not answer.content:
            return None
        if accept == "application/json":
            return answer.json()
        return answer.content if accept == ARROW else answer.text

    def pages(self, operation: Callable[..., Any], *arguments: Any, **query: Any) -> Iterator[Any]:
        """Every result of a list, page after page: ``titan.pages(titan.pairs_list, ordering=["qvalue"])``."""
        query.setdefault("page_size", 1_000)
        page = 1
        while True:
            answer = operation(*arguments, page=page, **query)
            yield from answer["results"]
            if answer["next"] is None:
                return
            page += 1

    def wait(
        self, job: models.Job | int, *, progress: bool = True, timeout: float | None = None
    ) -> models.Job:
        """The job when it has completed, its progress drawn meanwhile.

        Raises
        ------
        JobFailed
            It failed or was cancelled.
        TimeoutError
            It still runs after `timeout` seconds; it goes on without us.
        """
        number = job if isinstance(job, int) else job["id"]
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = 0.1
        with progress_bar(shown=progress) as show:
            while True:
                state = self.jobs_retrieve(number)
                show(state)
                if state["status"] in _ENDED:
                    break
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError(f"job {number} still runs after {timeout} s: {state['stage']}")
                time.sleep(pause)
                pause = min(1.0, pause * 1.5)
        if state["status"] != "COMPLETED":
            raise JobFailed(state)
        return state

    def follow(self, stream: str, *, after: int | None = None, patience: int = 8) -> Iterator[Event]:
        """Events of ``job_5``, ``pair_3`` or ``user_1`` as they happen, across lost connections.

        Where a network lets no socket through they come by requests that wait; nothing is missed or doubled either way.

        The first event is the stream's newest, or where `after` is given the one after that number.
        """
        return follow(
            self._transport.url,
            stream,
            ticket=lambda: str(self.auth_ws_ticket()["ticket"]),
            page=self.events_list,
            after=after,
            patience=patience,
        )

    def symbol(self, ticker: str) -> models.Symbol:
        """The symbol with this ticker. Raises LookupError where there is none."""
        found = self.symbols_list(ticker=ticker)["results"]
        if not found:
            raise LookupError(f"there is no active symbol {ticker!r}; see symbols_list for those there are")
        return found[0]

    def prices_table(self, symbol: str | int, **query: Any) -> Any:
        """Bars of a ticker or symbol id as a pyarrow Table; ``start_date``, ``end_date``, ``timeframe``."""
        number = symbol if isinstance(symbol, int) else self.symbol(symbol)["id"]
        return self._table(f"/api/v1/symbols/{number}/prices/", query)

    def prices(self, symbol: str | int, **query: Any) -> "pd.DataFrame":
        """Bars as a DataFrame by instant; see `prices_table`."""
        return frame_of(self.prices_table(symbol, **query))

    def spread_table(self, pair: int, **query: Any) -> Any:
        """Spread of a registered pair as a pyarrow Table; ``start_date``, ``end_date``, ``window``."""
        return self._table(f"/api/v1/pairs/{pair}/spread/", query)

    def spread(self, pair: int, **query: Any) -> "pd.DataFrame":
        """Spread of a registered pair as a DataFrame by instant; see `spread_table`."""
        return frame_of(self.spread_table(pair, **query))

    def candidates_table(self, scan: int, **query: Any) -> Any:
        """All candidates of a scan as a pyarrow Table; the filters of ``scans_candidates_list``."""
        return self._table(f"/api/v1/scans/{scan}/candidates/", query)

    def candidates(self, scan: int, **query: Any) -> "pd.DataFrame":
        """All candidates of a scan as a DataFrame; see `candidates_table`."""
        return frame_of(self.candidates_table(scan, **query))

    def _table(self, path: str, query: Mapping[str, Any]) -> Any:
        return table_of(self.call("GET", path, query=query, accept=ARROW))


def _word(name: str, value: Any) -> Any:
    """A value as an address spells it; lists are repeated, but for those the API takes with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in {"fields", "ordering"} and isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return value
