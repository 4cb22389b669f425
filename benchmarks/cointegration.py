"""The Engle–Granger scan: against statsmodels, against the matrix products it can't do without, and from cold."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.measure import Options, Row, in_a_fresh_process, interleaved, require_close
from titan_core.analysis import PairScan, engle_granger, scan_pairs
from titan_core.data import PricePanel
from titan_core.data.store import SqlitePriceStore, create_schema
from titan_core.types import Float2D

__all__ = ["market", "rows"]

N_SYMBOLS, N_BARS, MAX_LAG = 500, 2_520, 27
_SAMPLE = 12
# Ten years of the S&P 500, where the machine has it: symbol, date, adjusted_close and more, a row a bar.
SP500 = Path(__file__).resolve().parents[2] / "shared" / "data" / "sp500_2011_2021.parquet"

_FIRST_CALL = """
import json, sys, time
start = time.perf_counter()
from titan_core.analysis import scan_pairs
imported = time.perf_counter() - start
from benchmarks.cointegration import market
panel = market(int(sys.argv[1]), int(sys.argv[2]))
start = time.perf_counter()
scan = scan_pairs(panel, n_threads=int(sys.argv[3]))
first = time.perf_counter() - start
start = time.perf_counter()
scan_pairs(panel, n_threads=int(sys.argv[3]))
print(json.dumps({"imported": imported, "first": first, "again": time.perf_counter() - start, "n": scan.n_tests}))
"""


def market(n_symbols: int, n_bars: int, *, seed: int = 20) -> PricePanel:
    """Log prices: a common factor, walks of their own, autocorrelated noise; so AIC has lags to choose."""
    rng = np.random.default_rng(seed)
    steps = 0.01 * rng.normal(size=(n_bars, n_symbols)) + 0.005 * rng.normal(size=(n_bars, 1))
    steps[1:] -= 0.2 * steps[:-1] * (rng.random(n_symbols) < 0.5)
    stamps = np.datetime64("2014-01-02T21:00", "us") + np.arange(n_bars) * np.timedelta64(1, "D")
    symbols = tuple(f"S{i:04d}" for i in range(n_symbols))
    return PricePanel(symbols, stamps, 4.0 + np.cumsum(steps, axis=0), scale="log")


def rows(options: Options) -> Iterator[Row]:
    """Full scan, first call in a fresh process, a universe of unequal histories, one pair."""
    panel = market(N_SYMBOLS, N_BARS)
    scan = scan_pairs(panel, n_threads=options.threads)
    statsmodels_s = _statsmodels_seconds(panel.values, scan)
    ours_s, floor_s = _scan_and_floor(panel, options)
    cold = in_a_fresh_process(_FIRST_CALL, N_SYMBOLS, N_BARS, options.threads)
    yield Row(
        f"scan {N_SYMBOLS}x{N_BARS}, both directions, AIC to {MAX_LAG} lags, {options.threads} threads",
        ours_s,
        "statsmodels coint (sample, scaled)",
        statsmodels_s * 2 * scan.n_tests,
        f"{MAX_LAG + 1} DGEMM {N_SYMBOLS}x{N_SYMBOLS}x{N_BARS}",
        floor_s,
        cold["peak_mb"],
    )
    yield Row(
        "the same as first call of a fresh process, import included",
        cold["imported"] + cold["first"],
        floor="the same call again",
        floor_s=cold["again"],
    )
    yield _unequal_histories(options)
    yield _one_pair(panel.values, options)
    if SP500.exists():
        yield from _sp500(options)


def _statsmodels_seconds(values: Float2D, scan: PairScan) -> float:
    """Median seconds of one ``coint`` over a sample, answers compared; on one BLAS thread, its quickest way."""
    from statsmodels.tsa.stattools import coint

    seconds = []
    for row in np.random.default_rng(1).choice(scan.n_tests, _SAMPLE, replace=False):
        y, x = values[:, scan.first[row]], values[:, scan.second[row]]
        with threadpool_limits(1, user_api="blas"):
            start = time.perf_counter()
            statistic, pvalue, _ = coint(y, x)
            seconds.append(time.perf_counter() - start)
        require_close("statistic against statsmodels", scan.numbers[row, 0, 0], statistic, 1e-8)
        require_close("p-value against statsmodels", scan.pvalue[row, 0], pvalue, 1e-8)
    return float(np.median(seconds))


def _scan_and_floor(panel: PricePanel, options: Options) -> tuple[float, float]:
    """Seconds of the scan, and of one product of levels for each of 28 lags with as many BLAS threads."""
    wide = np.ascontiguousarray(panel.values.T)
    tall = np.ascontiguousarray(panel.values)
    out = np.empty((N_SYMBOLS, N_SYMBOLS))

    def floor() -> None:
        with threadpool_limits(options.threads, user_api="blas"):
            for _ in range(MAX_LAG + 1):
                np.matmul(wide, tall, out=out)

    ours_s, floor_s = interleaved(
        options.repeats, lambda: scan_pairs(panel, n_threads=options.threads), floor
    )
    return ours_s, floor_s


def _unequal_histories(options: Options) -> Row:
    """Every symbol lists on a day of its own: no two share their bars, so each pair is gone through by itself."""
    panel = market(120, N_BARS)
    values = panel.values.copy()
    for column in range(120):
        values[: 3 * column, column] = np.nan
    ragged = PricePanel(panel.symbols, panel.timestamps, values, scale="log")
    scan = scan_pairs(ragged, n_threads=options.threads)
    for row in range(0, scan.n_tests, 500):
        i, j = scan.first[row], scan.second[row]
        both = ~np.isnan(values[:, i]) & ~np.isnan(values[:, j])
        single = engle_granger(values[both, i], values[both, j])
        require_close(
            "unequal histories against single tests", scan.numbers[row, 0, 0], single.statistic, 1e-9
        )
    (ours_s, same_s) = interleaved(
        options.repeats,
        lambda: scan_pairs(ragged, n_threads=options.threads),
        lambda: scan_pairs(panel, n_threads=options.threads),
    )
    return Row(
        f"scan 120x{N_BARS}, every history of another length", ours_s, floor="equal histories", floor_s=same_s
    )


def _one_pair(values: Float2D, options: Options) -> Row:
    from statsmodels.tsa.stattools import coint

    y, x = values[:, 0].copy(), values[:, 1].copy()
    require_close("one pair against statsmodels", engle_granger(y, x).statistic, coint(y, x)[0], 1e-8)
    with threadpool_limits(1, user_api="blas"):
        ours_s, peer_s = interleaved(options.repeats, lambda: engle_granger(y, x), lambda: coint(y, x))
    return Row(f"engle_granger, one pair of {N_BARS} bars", ours_s, "statsmodels coint", peer_s)


def _sp500(options: Options) -> Iterator[Row]:
    """Real stocks, from rows in the store to ranked candidates; loading and scanning each for itself as well."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prices.sqlite3"
        ids = _fill_store(path)
        store = SqlitePriceStore(path)

        def load() -> PricePanel:
            return store.read_bars(ids, adjustment="total_return").prices("total_return")

        def whole() -> object:
            return scan_pairs(load(), take_logs=True, n_threads=options.threads).better_directions()

        panel = load()
        scan = scan_pairs(panel, take_logs=True, n_threads=options.threads)
        logs = np.log(panel.values)
        sample = np.random.default_rng(2).choice(np.flatnonzero(scan.tested), _SAMPLE, replace=False)
        statsmodels_s = float(np.median([_compare(logs, scan, int(row)) for row in sample]))
        whole_s, load_s, scan_s = interleaved(
            max(1, options.repeats // 2),
            whole,
            load,
            lambda: scan_pairs(panel, take_logs=True, n_threads=options.threads),
        )
    size = f"{panel.n_symbols}x{panel.n_bars}"
    yield Row(
        f"S&P 500 {size}, from the store to ranked candidates, {options.threads} threads",
        whole_s,
        "statsmodels coint (sample, scaled)",
        statsmodels_s * 2 * scan.n_tests,
    )
    yield Row("of that, loading", load_s)
    yield Row("of that, the scan", scan_s)


def _fill_store(path: Path) -> dict[str, int]:
    """A store with every series of the file; ids by symbol."""
    import pandas as pd

    frame = pd.read_parquet(SP500, columns=["symbol", "date", "adjusted_close"])
    connection = sqlite3.connect(path)
    create_schema(connection)
    connection.close()
    store, ids = SqlitePriceStore(path), {}
    for number, (symbol, rows) in enumerate(frame.groupby("symbol", sort=True), start=1):
        stamps = pd.to_datetime(rows["date"]).to_numpy().astype("datetime64[us]") + np.timedelta64(21, "h")
        store.write(number, stamps, close=rows["adjusted_close"].to_numpy())
        ids[str(symbol)] = number
    return ids


def _compare(logs: Float2D, scan: PairScan, row: int) -> float:
    """Seconds of one ``coint`` on the bars both have, answers compared."""
    from statsmodels.tsa.stattools import coint

    legs = logs[:, [scan.first[row], scan.second[row]]]
    y, x = legs[~np.isnan(legs).any(axis=1)].T
    with threadpool_limits(1, user_api="blas"):
        start = time.perf_counter()
        statistic, _, _ = coint(y, x)
        seconds = time.perf_counter() - start
    require_close("statistic of real stocks against statsmodels", scan.numbers[row, 0, 0], statistic, 1e-8)
    return seconds
