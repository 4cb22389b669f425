"""The price store: loading a panel and ingesting its bars, against the bare query and the bare bulk insert.

On SQLite always; on PostgreSQL too where its server programs are installed (a private server, fsync on).
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.measure import Options, Row, WrongAnswer, interleaved, interleaved_prepared
from titan_core.data.store import FIELDS, PostgresPriceStore, PriceStore, SqlitePriceStore

if TYPE_CHECKING:
    from titan_core.types import Float1D, Int1D

__all__ = ["Bars", "rows"]

N_SYMBOLS, N_BARS = 500, 2_520
_SERIES = {f"S{i:03d}": i + 1 for i in range(N_SYMBOLS)}
_FIND = Path(__file__).resolve().parents[1] / "tools" / "find_postgres.sh"


class Bars:
    """1.26 M bars in the order a file would bring them, symbol by symbol."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        self.axis = np.datetime64("2012-01-03T21:00", "us") + np.arange(N_BARS) * np.timedelta64(1, "D")
        self.series_ids: Int1D = np.repeat(np.arange(1, N_SYMBOLS + 1), N_BARS)
        self.timestamps = np.tile(self.axis, N_SYMBOLS)
        close = 50.0 * np.exp(np.cumsum(0.01 * rng.normal(size=(N_SYMBOLS, N_BARS)), axis=1)).ravel()
        wobble = 1.0 + 0.01 * rng.random(close.size)
        self.fields: dict[str, Float1D] = {
            "open": close / wobble,
            "high": close * wobble,
            "low": close / wobble / wobble,
            "close": close,
            "volume": np.floor(1e6 * rng.random(close.size)),
        }

    def write(self, store: PriceStore) -> None:
        """Write them all at once."""
        store.write_many(self.series_ids, self.timestamps, **self.fields)

    def check(self, store: PriceStore) -> None:
        """What comes back is what went in, to the last bit."""
        bars = store.read_bars(_SERIES, adjustment="raw")
        for name, values in self.fields.items():
            if getattr(bars, name).tobytes(order="F") != values.tobytes():
                raise WrongAnswer(f"{store.name}: {name} came back changed")
        if not np.array_equal(bars.timestamps, self.axis):
            raise WrongAnswer(f"{store.name}: the time axis came back changed")

    def check_matrix(self, found: Any, where: str) -> None:
        """The floor has read the same closes."""
        if np.asarray(found, np.float64).tobytes() != self.fields["close"].tobytes():
            raise WrongAnswer(f"{where}: the bare query read other closes")


def rows(options: Options) -> Iterator[Row]:
    """Load and ingest, a row each, on every database there is."""
    bars = Bars()
    folder = Path(tempfile.mkdtemp(prefix="titan-bench-"))
    try:
        yield from _on_sqlite(bars, folder, options)
        if subprocess.run([_FIND], capture_output=True, check=False).returncode == 0:
            yield from _on_postgresql(bars, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _on_sqlite(bars: Bars, folder: Path, options: Options) -> Iterator[Row]:
    from titan_core.data.store.sqlite.connections import open_connection

    path = folder / "prices.sqlite3"
    tuples = list(
        zip(
            bars.series_ids.tolist(),
            bars.timestamps.astype(np.int64).tolist(),
            *(values.tolist() for values in bars.fields.values()),
            strict=True,
        )
    )

    def renew() -> None:
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").unlink()
        SqlitePriceStore.create(path).close()

    def ours() -> None:
        with SqlitePriceStore(path) as store:
            bars.write(store)

    def floor() -> None:
        with closing(open_connection(path, 30.0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO price VALUES (?, ?, ?, ?, ?, ?, ?)", tuples)
            connection.execute("COMMIT")

    for work in (floor, ours):
        renew()
        work()
        with SqlitePriceStore(path) as store:
            bars.check(store)
    ours_s, floor_s = interleaved_prepared(options.repeats, (renew, ours), (renew, floor))
    tuples.clear()
    yield Row(_ingested("SQLite"), ours_s, floor="executemany of the same tuples", floor_s=floor_s)

    kind = np.dtype([("series_id", np.int64), ("timestamp", np.int64), ("close", np.float64)])
    with SqlitePriceStore(path) as store, closing(open_connection(path, 30.0)) as bare:

        def query() -> Any:
            found = bare.execute(
                "SELECT series_id, timestamp, close FROM price ORDER BY series_id, timestamp"
            )
            return np.fromiter(found, kind)

        bars.check_matrix(query()["close"], "SQLite")
        yield _load_row("SQLite", store, query, "bare query into numpy", options)


def _on_postgresql(bars: Bars, options: Options) -> Iterator[Row]:
    import adbc_driver_postgresql.dbapi as adbc
    import pyarrow as pa

    from tests.postgres import Server

    server = Server(fsync=True)
    try:
        server.start()
        url = server.create_database("bench")
        store = PostgresPriceStore.create(url)
        table = pa.table(
            {
                "series_id": bars.series_ids,
                "timestamp": pa.array(bars.timestamps, pa.timestamp("us", "UTC")),
                **{name: bars.fields[name] for name in FIELDS},
            }
        )
        with closing(adbc.connect(url, autocommit=True)) as bare, store:

            def run(statement: str) -> None:
                with bare.cursor() as cursor:
                    cursor.execute(statement)

            def query() -> Any:
                with bare.cursor() as cursor:
                    cursor.execute(
                        "SELECT series_id, timestamp, close FROM price ORDER BY series_id, timestamp"
                    )
                    return cursor.fetch_arrow_table()

            def copy() -> None:
                with bare.cursor() as cursor:
                    cursor.adbc_ingest("price", table, mode="append")

            def renew() -> None:
                run("TRUNCATE price")
                run("CHECKPOINT")  # the last load's writes are not this one's business

            for work in (copy, lambda: bars.write(store)):
                renew()
                work()
                bars.check(store)
            ours_s, floor_s = interleaved_prepared(
                options.repeats, (renew, lambda: bars.write(store)), (renew, copy)
            )
            yield Row(_ingested("PostgreSQL"), ours_s, floor="COPY of the same Arrow rows", floor_s=floor_s)
            run("VACUUM ANALYZE price")
            bars.check_matrix(query().column("close"), "PostgreSQL")
            yield _load_row("PostgreSQL", store, query, "bare query into Arrow", options)
    finally:
        server.end()


def _load_row(
    database: str, store: PriceStore, query: Callable[[], object], floor: str, options: Options
) -> Row:
    ours_s, floor_s = interleaved(
        max(options.repeats, 7), lambda: store.read_prices(_SERIES, adjustment="raw"), query
    )
    return Row(f"load {N_SYMBOLS}x{N_BARS} closes, {database}", ours_s, floor=floor, floor_s=floor_s)


def _ingested(database: str) -> str:
    return f"ingest {N_SYMBOLS * N_BARS / 1e6:.2f} M bars, {database}"
