"""A universe whose truth is known: pairs that are cointegrated, pairs that cease to be, and stocks that never were.

Log prices are built from seeded shocks with heavy tails. Every stock has its own random walk beside the market's
and its sector's, so no two stocks share all of their trends, unless they were planted to:

- an unrelated stock, and the second leg of every pair: x_t = b·market_t + sector_t + own_t, random walks all;
- the first leg of a cointegrated pair: y_t = a + β·x_t + s_t, with s_t an Ornstein–Uhlenbeck process seen once a bar
  (an AR(1) of coefficient 2^(-1/half_life), started from its stationary law);
- the first leg of a breaking pair: the same up to its break, after which s_t walks at random with the same shocks.

A pair's two legs share one walk that no third stock has; so two pairs are never cointegrated with each other, which
they would be through a common walk.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from titan_core.data.calendars import last_sessions, session_closes
from titan_core.data.instants import Instant
from titan_core.data.listings import Listing
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput
from titan_core.types import Float1D, Float2D

__all__ = ["PlantedPair", "SyntheticUniverse", "synthetic_universe"]

PairKind: TypeAlias = Literal["cointegrated", "breaking"]

SECTORS = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta")

# Per-bar volatilities of log returns, about those of large US stocks: 16 % a year for the market.
_MARKET_VOLATILITY = 0.010
_SECTOR_VOLATILITY = 0.006
_OWN_VOLATILITY = (0.010, 0.016)
_MARKET_BETA = (0.7, 1.3)
_DRIFT = 0.0003  # of the market, per bar: about 7.5 % a year
_TAIL_DEGREES = 5.0  # of freedom of Student's t: heavy tails, fourth moment finite

_HEDGE_RATIO = (0.6, 1.4)
# Stationary standard deviation of the log spread. Kept small beside the walks on purpose: a first leg is walk plus
# spread, its changes have a negative moving average, and where that is large the lags AIC picks don't take it up and
# Dickey-Fuller tests reject far too often (Schwert 1989, JBES 7) - for the leg against any stranger.
_SPREAD_DEVIATION = (0.015, 0.025)
_BREAK_WINDOW = (0.4, 0.7)  # share of the bars after which a breaking pair breaks
_FIRST_PRICE = (20.0, 200.0)


@dataclass(frozen=True, slots=True)
class PlantedPair:
    """The truth about one planted pair: log(symbol_1) = a + hedge_ratio · log(symbol_2) + spread.

    Attributes
    ----------
    symbol_1, symbol_2 : str
    kind : "cointegrated" or "breaking"
    hedge_ratio : float, a ratio of dollars
    half_life : float, bars, of the spread (before the break)
    break_at : numpy.datetime64[us] or None
        The first bar of a breaking pair whose spread no longer reverts.
    """

    symbol_1: str
    symbol_2: str
    kind: PairKind
    hedge_ratio: float
    half_life: float
    break_at: np.datetime64 | None


@dataclass(frozen=True, slots=True)
class SyntheticUniverse:
    """Prices, what is true about them, and the listings; a stock in no planted pair is related to none."""

    panel: PricePanel
    truth: tuple[PlantedPair, ...]
    listings: tuple[Listing, ...]


def synthetic_universe(
    *,
    seed: int,
    n_bars: int = 2520,
    n_cointegrated: int = 12,
    n_breaking: int = 6,
    n_random: int = 24,
    half_life: tuple[float, float] = (5.0, 20.0),
    calendar: str = "XNYS",
    end: Instant = "2022-12-28",
) -> SyntheticUniverse:
    """Draw a universe of 2·(n_cointegrated + n_breaking) + n_random stocks; the same arguments, the same bits.

    Parameters
    ----------
    seed : int
    n_bars : int, at least 2
        Bars at the closes of the last sessions up to ``end``; the default is ten years.
    n_cointegrated, n_breaking : int
        Planted pairs of each kind; both legs are of one sector.
    n_random : int
        Unrelated stocks.
    half_life : (float, float), bars
        Range from which each pair's half-life is drawn, evenly in its logarithm.
    calendar, end
        Whose sessions the bars are, and the last day.

    Returns
    -------
    SyntheticUniverse
        Symbols SYN01, SYN02, ... in an order that tells nothing.

    Raises
    ------
    InvalidInput
        A count is negative, there is no stock at all, or a range makes no sense.
    """
    _check(n_bars, (n_cointegrated, n_breaking, n_random), half_life)
    rng = np.random.default_rng(seed)
    closes = session_closes(calendar, last_sessions(calendar, end, n_bars))
    n_pairs = n_cointegrated + n_breaking
    n_stocks = 2 * n_pairs + n_random
    # columns: second legs, first legs, unrelated; shuffled into tickers at the end
    sectors = rng.integers(len(SECTORS), size=n_stocks)
    sectors[n_pairs : 2 * n_pairs] = sectors[:n_pairs]
    logs = _walks(rng, n_bars, sectors)
    truth: list[tuple[PairKind, float, float, np.datetime64 | None]] = []
    for pair in range(n_pairs):
        hedge_ratio = float(rng.uniform(*_HEDGE_RATIO))
        life = float(np.exp(rng.uniform(*np.log(half_life))))
        broken = pair >= n_cointegrated
        break_bar = int(rng.uniform(*_BREAK_WINDOW) * n_bars) if broken else n_bars
        spread = _spread(rng, n_bars, life, float(rng.uniform(*_SPREAD_DEVIATION)), break_bar)
        logs[:, n_pairs + pair] = hedge_ratio * logs[:, pair] + spread
        truth.append(
            ("breaking", hedge_ratio, life, closes[break_bar])
            if broken
            else ("cointegrated", hedge_ratio, life, None)
        )
    order = rng.permutation(n_stocks)
    symbols = _tickers(n_stocks)
    ticker = {int(column): symbols[place] for place, column in enumerate(order)}
    prices = np.exp(logs + np.log(rng.uniform(*_FIRST_PRICE, n_stocks)))
    return SyntheticUniverse(
        PricePanel(symbols, closes, prices[:, order], "total_return"),
        tuple(PlantedPair(ticker[n_pairs + i], ticker[i], *facts) for i, facts in enumerate(truth)),
        tuple(
            Listing(s, f"Synthetic {s[3:]}", SECTORS[sectors[c]], "SYNTHETIC")
            for s, c in zip(symbols, order, strict=True)
        ),
    )


def _walks(rng: np.random.Generator, n_bars: int, sectors: np.ndarray) -> Float2D:
    """Log prices that start at zero: market, sector and own random walks."""
    n_stocks = sectors.size
    market = _MARKET_VOLATILITY * _shocks(rng, (n_bars, 1)) + _DRIFT
    by_sector = _SECTOR_VOLATILITY * _shocks(rng, (n_bars, len(SECTORS)))
    own = rng.uniform(*_OWN_VOLATILITY, n_stocks) * _shocks(rng, (n_bars, n_stocks))
    steps = rng.uniform(*_MARKET_BETA, n_stocks) * market + by_sector[:, sectors] + own
    steps[0] = 0.0
    return np.cumsum(steps, axis=0)


def _spread(
    rng: np.random.Generator, n_bars: int, half_life: float, deviation: float, break_bar: int
) -> Float1D:
    """An AR(1) from its stationary law, a random walk from ``break_bar`` on."""
    slope = 2.0 ** (-1.0 / half_life)
    steps = deviation * math.sqrt(1.0 - slope**2) * _shocks(rng, (n_bars,))
    spread = np.empty(n_bars)
    level = deviation * float(rng.standard_normal())
    for t in range(n_bars):
        level = (slope if t < break_bar else 1.0) * level + steps[t]
        spread[t] = level
    return spread


def _shocks(rng: np.random.Generator, shape: tuple[int, ...]) -> Float2D:
    """Student-t shocks scaled to unit variance."""
    return rng.standard_t(_TAIL_DEGREES, shape) * math.sqrt((_TAIL_DEGREES - 2.0) / _TAIL_DEGREES)


def _tickers(count: int) -> tuple[str, ...]:
    """SYN01, SYN02, ...: digits after letters, as no US listing has them."""
    width = max(2, len(str(count)))
    return tuple(f"SYN{i:0{width}d}" for i in range(1, count + 1))


def _check(n_bars: int, counts: tuple[int, int, int], half_life: tuple[float, float]) -> None:
    for name, count in zip(("n_cointegrated", "n_breaking", "n_random"), counts, strict=True):
        if count < 0:
            raise InvalidInput(f"{name} is {count}: a count can't be negative")
    if not any(counts):
        raise InvalidInput("n_cointegrated, n_breaking and n_random are all 0: a universe needs a stock")
    if n_bars < 2:
        raise InvalidInput(f"n_bars is {n_bars}: a universe needs at least 2 bars")
    low, high = half_life
    if not 0.0 < low <= high < math.inf:
        raise InvalidInput(
            f"half_life {half_life} is no range of bars: write (low, high) with 0 < low <= high"
        )
