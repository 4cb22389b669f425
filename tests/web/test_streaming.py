"""Files made while they are sent: memory that does not grow with the rows, few at once, an end with the client."""

import asyncio
import gc
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.test import APIClient

from api import streaming, tokens
from common.metrics import EXPORTS
from tests.web.test_backtests import BACKTESTS, PAIR, finish
from titan.asgi import application
from trading.models import BacktestRun, BacktestTrade, Universe
from trading.services import bar_rows
from trading.services.backtest_service import BacktestService
from trading.services.backtesting import curves, export
from users.models import User


@pytest.fixture(autouse=True)
def every_place_is_given_back() -> Iterator[None]:
    yield
    gc.collect()
    assert not streaming._taken
    assert EXPORTS._value.get() == 0


@pytest.fixture
def run(universe: Universe, trader: User) -> BacktestRun:
    return finish(BacktestService().request_sync(owner=trader, **PAIR).pk)


def many_trades(run: BacktestRun, n: int) -> None:
    """`n` trades more of a run."""
    one = run.trades.first()
    assert one is not None
    values = {field.attname: getattr(one, field.attname) for field in BacktestTrade._meta.concrete_fields}
    values.pop("id")
    start = run.trades.count()
    for at in range(0, n, 5_000):
        rows = [BacktestTrade(**values | {"number": start + 1 + k}) for k in range(at, min(n, at + 5_000))]
        BacktestTrade.objects.bulk_create(rows)


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_rows(
    run: BacktestRun, trader: User, client_of: Callable[[User], APIClient]
) -> None:
    client, peaks = client_of(trader), []
    for n in (6_000, 18_000):
        many_trades(run, n)
        answer = client.get(f"{BACKTESTS}{run.pk}/trades.csv/")
        tracemalloc.start()
        size = sum(len(piece) for piece in answer.streaming_content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert size > 20_000 * 100
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_long_curve_is_text_a_piece_at_a_time(
    run: BacktestRun, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    n = 100_000
    rng = np.random.default_rng(5)
    stamps = np.datetime64("2000-01-01", "us") + np.arange(n) * np.timedelta64(1, "h")
    curve = {"timestamps": stamps} | {name: rng.normal(size=n) for name in curves.COLUMNS}
    monkeypatch.setattr(export, "curve_of", lambda run: curve)
    pieces = export.export_run(run, form).chunks
    tracemalloc.start()
    sizes = [len(piece) for piece in pieces]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) > 6 * n * 8
    assert max(sizes) < sum(sizes) / 2
    assert peak < sum(sizes) / 2


@pytest.mark.django_db
def test_the_first_piece_is_the_heading(
    run: BacktestRun, trader: User, client_of: Callable[[User], APIClient]
) -> None:
    answer = client_of(trader).get(f"{BACKTESTS}{run.pk}/trades.csv/")
    first = next(iter(answer.streaming_content))
    assert first.startswith(b"number,")
    assert first.count(b"\n") == 1
    assert answer.getvalue()


@pytest.mark.django_db
def test_what_fails_at_once_is_an_error_and_takes_no_place(
    run: BacktestRun, trader: User, client_of: Callable[[User], APIClient]
) -> None:
    run.inputs |= {"curve": "0" * 64}
    run.save()
    for form in ("csv", "parquet", "html"):
        answer = client_of(trader).get(f"{BACKTESTS}{run.pk}/export/?as={form}")
        assert answer.status_code in {404, 503}
        assert answer.json()["error"]["message"]


@pytest.mark.django_db
def test_only_a_few_at_once(
    run: BacktestRun, trader: User, client_of: Callable[[User], APIClient], settings: Settings
) -> None:
    settings.TITAN_EXPORTS_AT_ONCE = 4
    client, address = client_of(trader), f"{BACKTESTS}{run.pk}/trades.csv/"
    first, second = client.get(address), client.get(address)
    third = client.get(address)
    assert (third.status_code, third.json()["error"]["code"]) == (429, "too_many_exports")
    assert third["Retry-After"] == "5"
    assert first.getvalue() == second.getvalue()
    assert client.get(address).getvalue().startswith(b"number,")


@pytest.mark.django_db
def test_one_person_takes_half_of_the_places_at_most(
    trader: User, other_trader: User, settings: Settings
) -> None:
    """Whoever reads slowly, or means ill, must not keep everybody else from their files."""
    settings.TITAN_EXPORTS_AT_ONCE = 4

    def export(person: User) -> StreamingHttpResponse:
        asked = Request(HttpRequest())
        asked.user = person
        return streaming.csv_answer(asked, iter(["a\n"]), "a.csv")

    mine = [export(trader), export(trader)]
    with pytest.raises(streaming.TooManyExports):
        export(trader)
    theirs = [export(other_trader), export(other_trader)]
    for answer in (*mine, *theirs):
        assert answer.getvalue() == b"a\n"
        answer.close()
    assert export(trader).getvalue() == b"a\n"


@pytest.mark.django_db(databases=["default", "timescale"], transaction=True)
def test_prices_line_by_line_are_the_columns(
    universe: Universe,
    trader: User,
    client_of: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bar_rows, "_AT_ONCE", 50)
    client, symbol = client_of(trader), universe.symbols.get(ticker="AAA")
    address = f"/api/v1/symbols/{symbol.pk}/prices"
    for query in ("", "?start_date=2020-01-02&end_date=2020-03-01", "?timeframe=1wk"):
        columns = client.get(f"{address}/{query}").json()
        answer = client.get(f"{address}.csv/{query}")
        assert answer["Content-Disposition"] == 'attachment; filename="AAA-prices.csv"'
        heading, *lines = answer.getvalue().decode().splitlines()
        assert heading == "timestamp,open,high,low,close,volume"
        rows = [line.split(",") for line in lines]
        assert [row[0] for row in rows] == columns["timestamps"]
        assert [float(row[4]) for row in rows] == columns["close"]
    assert client.get(f"{address}.csv/?start_date=2020-02-01&end_date=2020-01-01").status_code == 400
    assert client.get(f"{address}.csv/?timeframe=1h").status_code == 400


# Through the server's door, as it is in production.


class Download:
    """One GET, taken piece by piece."""

    def __init__(self, token: str, path: str) -> None:
        self.ended = False
        self.asked = ApplicationCommunicator(
            application,
            {
                "type": "http",
                "http_version": "1.1",
                "method": "GET",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {token}".encode())],
                "client": ("127.0.0.1", 5),
                "server": ("127.0.0.1", 80),
                "scheme": "http",
            },
        )

    async def begin(self) -> int:
        await self.asked.send_input({"type": "http.request"})
        return int((await self.asked.receive_output(20))["status"])

    async def leave(self) -> None:
        await self.asked.send_input({"type": "http.disconnect"})
        await self.asked.wait(10)

    async def whole(self) -> bytes:
        body = b""
        while True:
            message = await self.asked.receive_output(20)
            body += message.get("body", b"")
            if not message.get("more_body"):
                await self.asked.wait(10)
                return body


@pytest.fixture
async def token(trader: User) -> str:
    return (await sync_to_async(tokens.issue)(trader))["access"]


class Endless:
    """Lines without end, which remember what became of them."""

    def __init__(self) -> None:
        self.made, self.closed_in, self.made_in = 0, "", ""

    def lines(self, *_: Any) -> Iterator[str]:
        try:
            while True:
                self.made += 1
                self.made_in = threading.current_thread().name
                yield "x" * 1_000 + "\n"
        finally:
            self.closed_in = threading.current_thread().name


@pytest.mark.django_db(transaction=True)
async def test_a_client_that_goes_ends_the_query(
    run: BacktestRun, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Endless()
    monkeypatch.setattr("api.views.backtests.csv_lines", endless.lines)
    download = Download(token, f"{BACKTESTS}{run.pk}/trades.csv/")
    assert await download.begin() == 200
    while endless.made < 50:
        await asyncio.sleep(0.01)
    await download.leave()
    made = endless.made
    await asyncio.sleep(0.1)
    assert endless.made == made
    assert endless.closed_in == endless.made_in != threading.current_thread().name


@pytest.mark.django_db(transaction=True)
async def test_a_query_under_way_is_interrupted(
    run: BacktestRun, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()

    def slow(*_: Any) -> Iterator[str]:
        yield "heading\n"
        yield "first\n"
        with connection.cursor() as cursor:  # a statement that would take minutes
            try:
                if connection.vendor == "postgresql":
                    cursor.execute("SELECT pg_sleep(300)")
                else:
                    cursor.execute(
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000000000) "
                        "SELECT max(i) FROM n"
                    )
            finally:
                stopped.set()
        yield "never\n"

    monkeypatch.setattr("api.views.backtests.csv_lines", slow)
    download = Download(token, f"{BACKTESTS}{run.pk}/trades.csv/")
    assert await download.begin() == 200
    await asyncio.sleep(0.5)
    assert not stopped.is_set()
    await download.leave()
    assert stopped.is_set()


@pytest.mark.django_db(transaction=True)
async def test_a_client_that_takes_nothing_is_given_up(
    run: BacktestRun, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TITAN_EXPORT_PATIENCE_SECONDS = 0.2
    endless = Endless()
    pieces = streaming._FromLoop(streaming._Pieces(endless.lines(), None))

    async def send() -> None:
        async for _ in pieces:
            await asyncio.sleep(60)  # the connection is full

    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await asyncio.create_task(send())
    await sync_to_async(pieces.close)()
    assert endless.closed_in


@pytest.mark.django_db(transaction=True)
async def test_the_whole_file_comes_through_the_loop(run: BacktestRun, token: str) -> None:
    await sync_to_async(many_trades)(run, 5_000)
    download = Download(token, f"{BACKTESTS}{run.pk}/trades.csv/")
    assert await download.begin() == 200
    body = await download.whole()
    assert body.count(b"\n") == 1 + await run.trades.acount()
