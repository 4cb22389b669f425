"""Size and power of the Engle–Granger scan by simulation; makes the tables of docs/statistics-size-and-power.md.

Not a race, so it has no row in the benchmark table: ``python -m benchmarks.size_and_power [pairs]``.
"""

import sys

import numpy as np

from titan_core.analysis import PairScan, scan_pairs
from titan_core.data import PricePanel
from titan_core.types import Autolag, Float2D, Trend

RULES: tuple[tuple[Trend, Autolag], ...] = (
    ("c", "aic"),
    ("c", "bic"),
    ("c", "t-stat"),
    ("c", None),
    ("n", "aic"),
    ("ct", "aic"),
    ("ctt", "aic"),
)


def _scan(values: Float2D, trend: Trend, autolag: Autolag) -> PairScan:
    """Independent pairs: columns 2k and 2k+1 are a family of their own."""
    n_bars, n_symbols = values.shape
    stamps = np.datetime64("2010-01-04T21:00", "us") + np.arange(n_bars) * np.timedelta64(1, "D")
    panel = PricePanel(tuple(f"S{i}" for i in range(n_symbols)), stamps, values, scale="log")
    families = {symbol: str(i // 2) for i, symbol in enumerate(panel.symbols)}
    return scan_pairs(panel, trend=trend, autolag=autolag, families=families)


def size(n_pairs: int) -> None:
    """Share of independent random walks rejected at 5 %: one direction, and the pair as one hypothesis."""
    print("| bars | drift, in σ a bar | trend | lags | one direction | pair |\n|---|---|---|---|---|---|")
    for n_bars in (250, 1_000):
        for drift in (0.0, 0.1):
            rng = np.random.default_rng(7)
            walks = 100.0 + np.cumsum(rng.normal(size=(n_bars, 2 * n_pairs)) + drift, axis=0)
            for trend, autolag in RULES:
                scan = _scan(walks, trend, autolag)
                one, pair = (scan.pvalue[:, 0] < 0.05).mean(), (scan.hypothesis_pvalue < 0.05).mean()
                print(f"| {n_bars:,} | {drift} | {trend} | {autolag} | {one:.1%} | {pair:.1%} |", flush=True)


def power(n_pairs: int) -> None:
    """Share of cointegrated pairs (AR(1) residual of a given half-life) rejected at 5 % and at 0.1 %, both as pairs."""
    print("| half-life | bars | p of the pair ≤ 5 % | ≤ 0.1 % |\n|---|---|---|---|")
    for half_life in (5, 10, 20, 60):
        for n_bars in (250, 1_000, 2_520):
            rng = np.random.default_rng(11)
            x = np.cumsum(rng.normal(size=(n_bars, n_pairs)), axis=0)
            root, e = 0.5 ** (1.0 / half_life), np.zeros((n_bars, n_pairs))
            e[0] = rng.normal(size=n_pairs) / np.sqrt(1.0 - root**2)
            for t in range(1, n_bars):
                e[t] = root * e[t - 1] + rng.normal(size=n_pairs)
            values = np.stack((100.0 + x + e, 100.0 + x), axis=2).reshape(n_bars, -1)
            p = _scan(values, "c", "aic").hypothesis_pvalue
            print(
                f"| {half_life} | {n_bars:,} | {(p <= 0.05).mean():.0%} | {(p <= 0.001).mean():.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    size(pairs)
    power(max(pairs // 5, 100))
