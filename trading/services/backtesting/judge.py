"""What a finished account is worth: figures, months, money by kind of cost, luck; in plain values."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from titan_core.backtesting.metrics import DEFINITIONS, Metric, summary
from titan_core.backtesting.overfitting import TrialTally, deflated_sharpe, minimum_track_record
from titan_core.backtesting.stress.monte_carlo import Stress, resampled_bars, shuffled_trades
from titan_core.errors import DegenerateSeries
from titan_core.statistics.moments import Moments
from titan_core.types import Float1D, ShouldStop
from trading.utils import finite_or_none

__all__ = [
    "COSTS",
    "cost_breakdown",
    "deflated",
    "drawdown_of",
    "equity_of",
    "figures",
    "monte_carlo",
    "monthly",
    "overfitting",
    "pbo_words",
    "rolling",
    "sharpe_tally",
    "sparkline",
    "with_definitions",
]

COSTS = ("commission", "spread_cost", "impact", "borrow", "financing", "legging")
SIGNIFICANT = 0.95
_PATHS = 500
_POINTS = 60


def returns_of(equity: Float1D) -> Float1D:
    """Simple returns of one bar; 0 once nothing is left."""
    before = equity[:-1]
    return np.divide(np.diff(equity), before, out=np.zeros(before.size), where=before > 0.0)


def drawdown_of(equity: Float1D) -> Float1D:
    """1 − equity / highest so far."""
    return 1.0 - equity / np.maximum.accumulate(equity)


def sharpe_tally(equity: Float1D) -> TrialTally:
    """The run as one trial."""
    return TrialTally.of(np.array([Moments.of(returns_of(equity)).ratio]))


def figures(
    equity: Float1D,
    *,
    periods_per_year: float,
    trades: Mapping[str, Any],
    gross: Float1D,
    traded: Float1D,
    benchmark: Float1D | None = None,
) -> dict[str, dict[str, Any]]:
    """Every metric by name: value, standard_error, n; None where there is no number."""
    market = None if benchmark is None else returns_of(benchmark)
    found = summary(
        equity,
        periods_per_year=periods_per_year,
        trade_columns=trades,
        gross=gross,
        traded=traded,
        market=market if market is not None and market.std() > 0.0 else None,
    )
    return {name: plain_metric(metric) for name, metric in found.items()}


def plain_metric(metric: Metric) -> dict[str, Any]:
    """A figure as JSON holds it."""
    return {
        "value": finite_or_none(metric.value),
        "standard_error": finite_or_none(metric.standard_error),
        "n": int(metric.n),
    }


def with_definitions(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Figures with title, unit and formula."""
    return {
        name: {
            **metrics[name],
            "title": definition.title,
            "unit": definition.unit,
            "formula": definition.formula,
            "counts": definition.counts,
        }
        for name, definition in DEFINITIONS.items()
        if name in metrics
    }


def deflated(equity: Float1D, tally: TrialTally) -> dict[str, Any]:
    """The deflated Sharpe ratio against all trials of the family, in numbers and words."""
    moments = Moments.of(returns_of(equity))
    return deflated_of(moments, tally)


def deflated_of(moments: Moments, tally: TrialTally, effective: float = math.nan) -> dict[str, Any]:
    """The same from moments."""
    n = max(1, tally.count)
    try:
        found = deflated_sharpe(
            moments, n_trials=n, trial_variance=tally.variance, effective_trials=effective
        )
    except DegenerateSeries:
        return {
            "sharpe": None,
            "sr0": None,
            "n_trials": n,
            "effective_n": None,
            "probability": None,
            "is_significant": None,
            "words": "The account never moved: there is no Sharpe ratio to judge.",
        }
    probability = found.probability
    tried = "one configuration was" if n == 1 else f"{n:,} configurations were"
    verdict = (
        "that is more than luck explains at the usual 5 %"
        if probability >= SIGNIFICANT
        else "chance alone would often do as well"
    )
    return {
        "sharpe": finite_or_none(found.sharpe),
        "sr0": finite_or_none(found.threshold),
        "n_trials": n,
        "effective_n": finite_or_none(found.effective_trials),
        "probability": finite_or_none(probability),
        "is_significant": bool(probability >= SIGNIFICANT),
        "words": f"Up to this run {tried} looked at. The probability that the true Sharpe ratio beats the best that "
        f"luck would have found among them is {_sure(probability)}: {verdict}.",
    }


def _sure(probability: float) -> str:
    """In whole percent, never all the way: no figure here is a proof."""
    if probability > 0.995:
        return "more than 99%"
    return "less than 1%" if probability < 0.005 else f"{probability:.0%}"


def overfitting(
    equity: Float1D, periods_per_year: float, pbo: float | None = None, *, n_windows: int = 0
) -> dict[str, Any]:
    """Minimum track record, and PBO where there was one choice; ``n_windows`` of a walk-forward, which has many."""
    bars = minimum_track_record(Moments.of(returns_of(equity)))
    n = equity.size - 1
    if math.isnan(bars):
        words = "The account never moved: no length of record would say anything."
    elif math.isinf(bars):
        words = "The Sharpe ratio is not above zero: no length of record would prove skill."
    else:
        enough = "the record is long enough" if n >= bars else f"the record has only {n:,}"
        words = f"It takes {bars:,.0f} bars to call this Sharpe ratio above zero at 5 %; {enough}."
    return {
        "pbo": pbo,
        "pbo_words": pbo_words(pbo, n_windows),
        "min_track_record": finite_or_none(bars),
        "min_track_record_years": finite_or_none(bars / periods_per_year),
        "min_track_record_words": words,
    }


def pbo_words(pbo: float | None, n_windows: int = 0) -> str:
    """The probability of backtest overfitting, said plainly; of a walk-forward why it has none."""
    if pbo is None and n_windows:
        times = "in its only window" if n_windows == 1 else f"anew in each of {n_windows} windows"
        return (
            f"Pairs and settings were chosen {times}, on bars before those traded: the results out of sample judge "
            "that choice themselves, next to what each training promised. The probability of overfitting is for one "
            "choice over all bars, as a sweep makes it."
        )
    if pbo is None:
        return "No choice among settings was made here, so there is none to judge; a sweep has one."
    return (
        f"In {pbo:.0%} of the ways to split the bars in halves, the setting that was best on one half was below the "
        "middle on the other. Half means that choosing was worth nothing."
    )


def monthly(timestamps: Any, equity: Float1D) -> dict[str, Any]:
    """Returns by month and year."""
    months = timestamps.astype("datetime64[M]")
    last = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    ends = equity[last]
    starts = np.append(equity[0], ends[:-1])
    by_month = {
        str(months[at]): finite_or_none(end / start - 1.0) if start > 0.0 else None
        for at, start, end in zip(last, starts, ends, strict=True)
    }
    years = sorted({int(name[:4]) for name in by_month})
    rows = [[by_month.get(f"{year}-{month:02}") for month in range(1, 13)] for year in years]
    totals = [
        finite_or_none(math.prod(1.0 + value for value in row if value is not None) - 1.0) for row in rows
    ]
    return {"years": years, "months": rows, "totals": totals}


def cost_breakdown(trades: Mapping[str, Any]) -> dict[str, float]:
    """Money over all trades, by kind."""
    return {name: float(np.sum(trades[name])) for name in ("gross_pnl", *COSTS, "dividends", "net_pnl")}


def monte_carlo(
    equity: Float1D,
    trades: Mapping[str, Any],
    *,
    periods_per_year: float,
    seed: str,
    should_stop: ShouldStop | None = None,
) -> dict[str, Any]:
    """The bars drawn again, and the trades in another order; the same seed gives the same bands."""
    number = int(hashlib.sha256(seed.encode()).hexdigest()[:16], 16)
    returns, capital = returns_of(equity), float(equity[0])
    closed = np.asarray(trades["exit_reason"]) != "open"
    pnl = np.asarray(trades["net_pnl"])[closed]
    order = np.argsort(np.asarray(trades["exit_filled_at"])[closed], kind="stable")
    resampled = shuffled = None
    if returns.size >= 20:
        resampled = resampled_bars(
            returns,
            capital=capital,
            periods_per_year=periods_per_year,
            generator=np.random.default_rng(number),
            n_paths=_PATHS,
            should_stop=should_stop,
        )
    if pnl.size >= 2:
        shuffled = shuffled_trades(
            pnl[order],
            capital=capital,
            generator=np.random.default_rng(number + 1),
            n_paths=_PATHS,
            should_stop=should_stop,
        )
    return {"resampled": _plain_stress(resampled), "shuffled": _plain_stress(shuffled)}


def _plain_stress(stress: Stress | None) -> dict[str, Any] | None:
    if stress is None:
        return None
    quantiles = {
        name: [finite_or_none(value) for value in stress.quantiles(name).values()]
        for name in ("total_return", "maximum_drawdown", "sharpe_ratio")
    }
    return {
        "n_paths": stress.n_paths,
        "levels": list(stress.levels),
        "at": stress.at.tolist(),
        "bands": stress.bands.round(4).tolist(),
        "quantiles": quantiles,
        "ruin_share": stress.ruin_share,
        "drawdown_share": stress.drawdown_share,
        "block_length": finite_or_none(stress.block_length),
    }


def sparkline(equity: Float1D) -> list[float]:
    """Equity over capital in at most 60 points."""
    at = np.unique(np.linspace(0, equity.size - 1, min(equity.size, _POINTS)).astype(np.int64))
    return [round(float(value), 6) for value in equity[at] / equity[0]]


def rolling(equity: Float1D, benchmark: Float1D | None, periods_per_year: float) -> tuple[Float1D, Float1D]:
    """Annual Sharpe ratio and beta of the last half year at each bar, NaN until it is full or where nothing moves."""
    n, window = equity.size, max(10, round(periods_per_year / 2))
    sharpe, beta = np.full(n, np.nan), np.full(n, np.nan)
    if n <= window:
        return sharpe, beta
    x = np.lib.stride_tricks.sliding_window_view(returns_of(equity), window)
    deviation = x.std(axis=1, ddof=1)
    moves = deviation > 1e-12
    ratio = np.divide(x.mean(axis=1), deviation, out=np.full(deviation.size, np.nan), where=moves)
    sharpe[window:] = ratio * math.sqrt(periods_per_year)
    if benchmark is not None and not np.isnan(benchmark).any():
        m = np.lib.stride_tricks.sliding_window_view(returns_of(benchmark), window)
        centred = m - m.mean(axis=1, keepdims=True)
        variance = (centred * centred).mean(axis=1)
        shared = (centred * x).mean(axis=1)
        beta[window:] = np.divide(
            shared, variance, out=np.full(variance.size, np.nan), where=variance > 1e-18
        )
    return sharpe, beta


def equity_of(closes: Any, capital: float) -> Float1D:
    """The capital held in equal parts of all columns that have a price, each bar anew; shape (n_bars,)."""
    values = np.asarray(closes, dtype=np.float64)
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.shape[0])[:, None]), axis=0)
    carried = np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=0), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = carried[1:] / carried[:-1] - 1.0
    known = np.isfinite(steps)
    counted = known.sum(axis=1)
    mean = np.divide(
        np.where(known, steps, 0.0).sum(axis=1), counted, out=np.zeros(counted.size), where=counted > 0
    )
    return capital * np.concatenate(([1.0], np.cumprod(1.0 + mean)))
