"""The survival of a scan's choice beside that of matched random pairs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from titan_core.analysis.cointegration import PairScan, positive_logs
from titan_core.analysis.spreads.kernels import ar1_slope
from titan_core.analysis.unit_roots import unit_root_power, unit_root_tests
from titan_core.backtesting.survival.formation import FormationPair, formation_pairs, matched_pairs
from titan_core.checks import as_count, as_fraction
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float1D, Float2D, Int1D

__all__ = ["Group", "NetSharpe", "Outcome", "Survival", "survival"]

# Net annual Sharpe ratio of the plain rule on the later bars, formation mean and deviation kept; NaN = it never traded.
NetSharpe: TypeAlias = Callable[[FormationPair], float]

_FEWEST = 60
_GRACE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of each pair of a group; arrays have shape (n_pairs,).

    Attributes
    ----------
    pairs : FormationPair each
    survived : whether ADF with a constant rejects a unit root of the frozen spread; a delisted pair has not survived.
    pvalue : of that test; NaN where there was nothing to test.
    slope : out-of-sample φ of the frozen spread; NaN alike.
    power : simulated chance that a pair still as good as in formation passes the test.
    delisted : a leg had no bar among the last five, or both together fewer than 60.
    net_sharpe : of the plain rule; NaN where none was asked for.
    """

    pairs: tuple[FormationPair, ...] = field(repr=False)
    survived: BoolArray = field(repr=False)
    pvalue: Float1D = field(repr=False)
    slope: Float1D = field(repr=False)
    power: Float1D = field(repr=False)
    delisted: BoolArray = field(repr=False)
    net_sharpe: Float1D = field(repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of one group, each (value, low, high); intervals resample symbols, not pairs.

    ``expected`` is the mean simulated power: what ``survived`` would be, had nothing changed.
    """

    n_pairs: int
    n_delisted: int
    survived: tuple[float, float, float]
    slope: tuple[float, float, float]
    net_sharpe: tuple[float, float, float]
    expected: float


@dataclass(frozen=True, slots=True)
class Survival:
    """Chosen pairs, matched random pairs, and the difference of their shares (value, low, high).

    An interval of the difference that holds zero means: no difference was seen. That is an answer.
    """

    chosen: Group
    matched: Group
    difference: tuple[float, float, float]
    net_sharpe_difference: tuple[float, float, float]
    n_unmatched: int
    n_bars: int
    alpha: float
    chosen_outcome: Outcome = field(repr=False)
    matched_outcome: Outcome = field(repr=False)


def survival(
    scan: PairScan,
    formation: PricePanel,
    later: PricePanel,
    rows: Sequence[int] | Int1D,
    *,
    sectors: Mapping[str, str],
    generator: np.random.Generator,
    n_matches: int = 1,
    caliper: float = 0.05,
    alpha: float = 0.05,
    n_resamples: int = 999,
    n_power_draws: int = 500,
    net_sharpe: NetSharpe | None = None,
) -> Survival:
    """Follow a scan's pairs through the bars after it, hedge ratio, mean and deviation kept.

    Parameters
    ----------
    scan : of the formation window, trend "c", all pairs in it.
    formation : the panel it was made from.
    later : the same symbols on bars after the formation's last; NaN = no bar.
    rows : pairs chosen, rows of the scan.
    sectors : symbol -> label.
    generator : source of randomness, for matching, power and intervals.
    n_matches, caliper : as in `matched_pairs`.
    alpha : level of the test, and 1 - that of the intervals.
    n_resamples : of symbols. Each pair counts (multiplicity of one leg) · (of the other).
    n_power_draws : as ``n_draws`` in `unit_root_power`.
    net_sharpe : the plain rule's net Sharpe of one pair over the later bars, for both groups.

    Raises
    ------
    InvalidInput
        Panels of other symbols, later bars that are not later, or no pair chosen.
    """
    level = as_fraction(alpha, "alpha")
    chosen = np.asarray(rows, dtype=np.int64)
    if later.symbols != formation.symbols:
        raise InvalidInput(
            "later and formation panels hold other symbols: select the same, in the same order"
        )
    if not later.n_bars or later.timestamps[0] <= formation.timestamps[-1]:
        raise InvalidInput("later bars must come after the formation window's last bar")
    if not chosen.size:
        raise InvalidInput("rows is empty: survival needs at least one chosen pair")
    matches, owners = matched_pairs(
        scan, chosen, sectors=sectors, generator=generator, n_matches=n_matches, caliper=caliper
    )
    groups = [formation_pairs(scan, formation, part) for part in (chosen, matches)]
    lives = np.array([pair.half_life for group in groups for pair in group])
    power = unit_root_power(
        lives, max(later.n_bars, _FEWEST), generator=generator, n_draws=n_power_draws, alpha=level
    )
    outcomes = [
        _outcome(group, positive_logs(later), part, level, net_sharpe)
        for group, part in zip(groups, np.split(power, [chosen.size]), strict=True)
    ]
    weights = _multiplicities(scan.symbols, as_count(n_resamples, "n_resamples", minimum=1), generator)
    shares = [_Shares.of(outcome, weights, level) for outcome in outcomes]
    return Survival(
        chosen=shares[0].group,
        matched=shares[1].group,
        difference=_interval(shares[0].survived - shares[1].survived, level),
        net_sharpe_difference=_interval(shares[0].net_sharpe - shares[1].net_sharpe, level),
        n_unmatched=chosen.size - np.unique(owners).size,
        n_bars=later.n_bars,
        alpha=level,
        chosen_outcome=outcomes[0],
        matched_outcome=outcomes[1],
    )


def _outcome(
    pairs: tuple[FormationPair, ...],
    later: PricePanel,
    power: Float1D,
    alpha: float,
    net_sharpe: NetSharpe | None,
) -> Outcome:
    column = {symbol: i for i, symbol in enumerate(later.symbols)}
    pvalue, slope = np.full(len(pairs), math.nan), np.full(len(pairs), math.nan)
    delisted = np.zeros(len(pairs), dtype=np.bool_)
    by_length: dict[int, list[tuple[int, Float1D]]] = {}
    for i, pair in enumerate(pairs):
        y, x = later.values[:, column[pair.symbol_1]], later.values[:, column[pair.symbol_2]]
        both = np.isfinite(y) & np.isfinite(x)
        spread = y[both] - pair.mean - pair.hedge_ratio * x[both]
        ended = not (np.isfinite(y[-_GRACE:]).any() and np.isfinite(x[-_GRACE:]).any())
        delisted[i] = ended or spread.size < _FEWEST
        if not delisted[i]:
            slope[i] = ar1_slope(spread)
            by_length.setdefault(spread.size, []).append((i, spread))
    for group in by_length.values():
        at = [i for i, _ in group]
        pvalue[at] = unit_root_tests(np.stack([spread for _, spread in group])).pvalue
    ratios = [net_sharpe(pair) if net_sharpe is not None else math.nan for pair in pairs]
    return Outcome(pairs, pvalue <= alpha, pvalue, slope, power, delisted, np.array(ratios, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class _Shares:
    """A group's figures, and its statistics over the sample (first) and every resample."""

    group: Group
    survived: Float1D
    net_sharpe: Float1D

    @classmethod
    def of(cls, outcome: Outcome, weights: Mapping[str, Float1D], alpha: float) -> "_Shares":
        n_draws = next(iter(weights.values())).size
        of_pair = np.array([weights[p.symbol_1] * weights[p.symbol_2] for p in outcome.pairs])
        table: Float2D = of_pair.reshape(len(outcome.pairs), n_draws)
        survived = _weighted_mean(outcome.survived.astype(np.float64), table)
        slope = _weighted_mean(outcome.slope, table)
        ratio = _weighted_mean(outcome.net_sharpe, table)
        group = Group(
            n_pairs=len(outcome.pairs),
            n_delisted=int(np.count_nonzero(outcome.delisted)),
            survived=_interval(survived, alpha),
            slope=_interval(slope, alpha),
            net_sharpe=_interval(ratio, alpha),
            expected=float(outcome.power.mean()) if outcome.power.size else math.nan,
        )
        return cls(group, survived, ratio)


def _multiplicities(
    symbols: tuple[str, ...], n_resamples: int, generator: np.random.Generator
) -> dict[str, Float1D]:
    """How often each symbol is drawn; the first column is the sample itself, each once."""
    n = len(symbols)
    counts = generator.multinomial(n, np.full(n, 1.0 / n), size=n_resamples).astype(np.float64)
    table = np.vstack([np.ones((1, n)), counts])
    return {symbol: table[:, i] for i, symbol in enumerate(symbols)}


def _weighted_mean(values: Float1D, weights: Float2D) -> Float1D:
    """Mean over pairs of each resample, pairs without a value left out; NaN where none is left."""
    known = ~np.isnan(values)
    total = weights[known].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(values[known] @ weights[known] / total)


def _interval(draws: Float1D, alpha: float) -> tuple[float, float, float]:
    """The sample's value (first), and the percentile interval over the others."""
    rest = draws[1:][np.isfinite(draws[1:])]
    if not rest.size:
        return float(draws[0]), math.nan, math.nan
    low, high = np.quantile(rest, [alpha / 2.0, 1.0 - alpha / 2.0])
    return float(draws[0]), float(low), float(high)
