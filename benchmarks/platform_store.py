"""Bars on TimescaleDB: ingest and load against bare COPY and the bare query, and reads a person waits for (p95).

A private server (fsync on) with the hypertables of production. TITAN_BENCH_PLATFORM_ROWS says how many bars lie in the
table while it is read (10 million; the requirement is at 100 million, which takes 16 GB of disk and ten minutes).
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg

from benchmarks.measure import Options, Row, WrongAnswer, interleaved_prepared
from benchmarks.store import Bars
from titan_core.data.resampling import resample_bars
from titan_core.data.store import FIELDS, PostgresPriceStore
from tools.services import TimescaleServer
from trading.services.timescale import HYPERTABLES

if TYPE_CHECKING:
    from titan_core.types import Float1D

__all__ = ["rows"]

N_ROWS = int(os.environ.get("TITAN_BENCH_PLATFORM_ROWS", "10_000_000"))
N_BARS = 5_040  # twenty years of days
PANEL = (500, 2_520)
REQUESTS_A_REPEAT = 40
_BLOCK = 200  # symbols written at a time
_SETTINGS = {"shared_buffers": "'1GB'", "max_wal_size": "'8GB'", "effective_cache_size": "'4GB'"}


def rows(options: Options) -> Iterator[Row]:
    """Ingest into an empty table, then reads out of a full one."""
    with TimescaleServer(fsync=True, settings=_SETTINGS) as server:
        url = server.create_database("bench")
        with PostgresPriceStore.create(url) as store, closing(_Bare(url)) as bare:
            bare.cut()
            yield _ingest(store, bare, options)
            market = _Market(max(N_ROWS // N_BARS, PANEL[0]))
            market.fill(bare)
            yield from _loads(store, bare, market, options)
            yield from _requests(store, bare, market, options)


class _Bare:
    """The driver alone, and the statements of an administrator."""

    def __init__(self, url: str) -> None:
        import adbc_driver_postgresql.dbapi as adbc

        self._url = url
        self._connection = adbc.connect(url, autocommit=True)

    def run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def table(self, query: str) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetch_arrow_table()

    def copy(self, table: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest("price", table, mode="append")

    def cut(self) -> None:
        """Make hypertables of the tables, as production has them."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
            for one in HYPERTABLES:
                if connection.execute("SELECT to_regclass(%s)", [one.table]).fetchone() != (None,):
                    connection.execute(
                        "SELECT create_hypertable(%s::regclass, %s::name, chunk_time_interval => %s::interval, "
                        "create_default_indexes => false)",
                        [one.table, one.time, f"{one.days} days"],
                    )

    def close(self) -> None:
        self._connection.close()


def _arrow(ids: Any, timestamps: Any, fields: "dict[str, Float1D]") -> Any:
    import pyarrow as pa

    return pa.table(
        {
            "series_id": ids,
            "timestamp": pa.array(timestamps, pa.timestamp("us", "UTC")),
            **{name: fields[name] for name in FIELDS},
        }
    )


def _ingest(store: PostgresPriceStore, bare: _Bare, options: Options) -> Row:
    """1.26 M bars into the empty hypertable."""
    bars = Bars()
    table = _arrow(bars.series_ids, bars.timestamps, bars.fields)

    def renew() -> None:
        bare.run("TRUNCATE price")
        bare.run("CHECKPOINT")  # the last load's writes are not this one's business

    works: tuple[Callable[[], object], ...] = (lambda: bare.copy(table), lambda: bars.write(store))
    for work in works:
        renew()
        work()
        bars.check(store)
    ours_s, floor_s = interleaved_prepared(
        options.repeats, (renew, lambda: bars.write(store)), (renew, lambda: bare.copy(table))
    )
    bare.run("TRUNCATE price")
    name = f"ingest {table.num_rows / 1e6:.2f} M bars, TimescaleDB"
    return Row(name, ours_s, floor="COPY into the same hypertable", floor_s=floor_s)


class _Market:
    """Bars of many symbols, any block of which can be made again to compare with."""

    def __init__(self, n_symbols: int) -> None:
        self.n_symbols = n_symbols
        days = np.arange("2005-01-03", "2030-01-01", dtype="M8[D]")
        self.axis = days[np.is_busday(days)][:N_BARS].astype("M8[us]") + np.timedelta64(21, "h")

    @property
    def n_rows(self) -> int:
        return self.n_symbols * N_BARS

    def closes(self, first: int, n: int) -> "Float1D":
        """Closes of series `first` and the n - 1 after it, one after the other; `first` begins a block."""
        steps = np.random.default_rng(first).normal(size=(n, N_BARS)) * 0.01
        found: Float1D = 50.0 * np.exp(np.cumsum(steps, axis=1)).ravel()
        return found

    def fill(self, bare: _Bare) -> None:
        for first, n in self.blocks():
            close = self.closes(first, n)
            fields = {"open": close * 0.999, "high": close * 1.01, "low": close * 0.99, "close": close}
            ids = np.repeat(np.arange(first, first + n), N_BARS)
            bare.copy(_arrow(ids, np.tile(self.axis, n), fields | {"volume": np.floor(close * 1e4)}))
        bare.run("VACUUM ANALYZE price")
        bare.run("CHECKPOINT")

    def blocks(self) -> Iterator[tuple[int, int]]:
        """First series and number of series of each block written."""
        for first in range(1, self.n_symbols + 1, _BLOCK):
            yield first, min(_BLOCK, self.n_symbols + 1 - first)


def _loads(store: PostgresPriceStore, bare: _Bare, market: _Market, options: Options) -> Iterator[Row]:
    """A panel out of the full table, and all of it."""
    n_symbols, n_bars = PANEL
    start = market.axis[-n_bars]
    series = {f"S{key}": key for key in range(1, n_symbols + 1)}
    query = (
        "SELECT series_id, timestamp, close FROM price WHERE series_id = ANY('{%s}'::bigint[]) "
        f"AND timestamp >= '{start}Z'::timestamptz ORDER BY series_id, timestamp"
    ) % ",".join(map(str, series.values()))
    panel = store.read_prices(series, start=start, adjustment="raw").values
    for first, n in market.blocks():
        if first > n_symbols:
            break
        n = min(n, n_symbols + 1 - first)
        expected = market.closes(first, min(_BLOCK, market.n_symbols + 1 - first)).reshape(-1, N_BARS)
        if panel[:, first - 1 : first - 1 + n].tobytes() != expected[:n, -n_bars:].T.tobytes():
            raise WrongAnswer("the panel's closes came back changed")
    if bare.table(query).column("close").to_numpy().tobytes() != panel.tobytes(order="F"):
        raise WrongAnswer("the bare query read other closes")
    ours_s, floor_s = interleaved_prepared(
        max(options.repeats, 5),
        (None, lambda: store.read_prices(series, start=start, adjustment="raw")),
        (None, lambda: bare.table(query)),
    )
    size = f"of {market.n_rows / 1e6:.0f} M"
    yield Row(
        f"load {n_symbols}x{n_bars} closes {size}", ours_s, floor="bare query into Arrow", floor_s=floor_s
    )
    everything = {f"S{key}": key for key in range(1, market.n_symbols + 1)}
    ours_s, floor_s = interleaved_prepared(
        1 if market.n_rows > 3e7 else options.repeats,
        (None, lambda: store.read_prices(everything, adjustment="raw")),
        (
            None,
            lambda: bare.table("SELECT series_id, timestamp, close FROM price ORDER BY series_id, timestamp"),
        ),
    )
    yield Row(
        f"load all {market.n_symbols}x{N_BARS} closes",
        ours_s,
        floor="bare query into Arrow",
        floor_s=floor_s,
    )


def _requests(store: PostgresPriceStore, bare: _Bare, market: _Market, options: Options) -> Iterator[Row]:
    """What a person waits for, of a universe of 500 anywhere in the table: 95th percentiles beside bare queries."""
    rng = np.random.default_rng(1)
    universe = rng.choice(market.n_symbols, PANEL[0], replace=False) + 1
    series = {f"S{key}": int(key) for key in universe}
    fields = ", ".join(FIELDS)
    year = "2022-01-01", "2022-12-31"

    def one() -> int:
        return int(rng.choice(universe))

    def of_year() -> Any:
        return store.read_bars({"A": one()}, start=year[0], end=year[1], adjustment="raw")

    def bare_year() -> Any:
        return bare.table(
            f"SELECT timestamp, {fields} FROM price WHERE series_id = {one()} "
            f"AND timestamp BETWEEN '{year[0]}' AND '{year[1]} 23:59:59' ORDER BY timestamp"
        )

    def last() -> Any:
        return store.read_latest(series, adjustment="raw")

    def bare_last() -> Any:
        ids = ",".join(map(str, series.values()))
        return bare.table(
            f"SELECT w.id, p.* FROM unnest('{{{ids}}}'::bigint[]) AS w (id) CROSS JOIN LATERAL "
            f"(SELECT timestamp, {fields} FROM price WHERE series_id = w.id ORDER BY timestamp DESC LIMIT 1) AS p"
        )

    def weekly() -> Any:
        bars = store.read_bars({"A": one()}, adjustment="raw")
        return resample_bars(bars, "1wk", calendars=["XNYS"])

    def bare_days() -> Any:
        return bare.table(
            f"SELECT timestamp, {fields} FROM price WHERE series_id = {one()} ORDER BY timestamp"
        )

    if of_year().n_bars < 250 or last().n_symbols != 500 or weekly().n_bars < 1000:
        raise WrongAnswer("a request answered with too little")
    for name, ours, floor in (
        ("p95: a symbol's year", of_year, bare_year),
        ("p95: last bar of 500 symbols", last, bare_last),
        (f"p95: weekly from {N_BARS} days", weekly, bare_days),
    ):
        ours_s, floor_s = _p95(REQUESTS_A_REPEAT * options.repeats, ours, floor)
        yield Row(
            f"{name} of {market.n_rows / 1e6:.0f} M", ours_s, floor="bare query into Arrow", floor_s=floor_s
        )


def _p95(n: int, *works: Callable[[], object]) -> list[float]:
    """95th percentile of each piece of work, done in turns."""
    times = np.empty((n, len(works)))
    for work in works:
        work()
    for i in range(n):
        for j, work in enumerate(works):
            start = time.perf_counter()
            work()
            times[i, j] = time.perf_counter() - start
    return [float(value) for value in np.percentile(times, 95, axis=0)]
