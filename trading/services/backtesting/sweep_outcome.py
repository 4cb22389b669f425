"""What came of a sweep or a search: every combination's figures, the best, its plateau, and how much of it is luck."""

from typing import Any

import numpy as np
import pyarrow as pa

from titan_core.backtesting.overfitting import judge_sweep, probabilistic_sharpes
from titan_core.backtesting.plateau import (
    REACH,
    grid_neighbours,
    grid_plateau,
    scattered_neighbours,
    scattered_plateau,
)
from titan_core.backtesting.search_space import is_whole
from titan_core.backtesting.sweep import SweepResult
from titan_core.errors import DegenerateSeries
from titan_core.statistics.moments import Moments
from titan_core.types import Float1D
from trading.models import Sweep, TrialSource
from trading.services.backtesting import judge
from trading.services.backtesting.trials import configuration_of, record_trials, tally_of, turned
from trading.services.jobs import Report
from trading.services.refusals import Refusal
from trading.utils import finite_or_none

__all__ = ["METRICS", "cube_of", "judged", "outcome_table", "plateau_of"]

METRICS = [
    "total_return",
    "annual_return",
    "volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "maximum_drawdown",
    "n_trades",
    "win_rate",
    "profit_factor",
    "expectancy",
    "holding_time",
    "exposure",
    "costs",
    "n_returns",
    "mean",
    "deviation",
    "skewness",
    "kurtosis",
]
_LEAST_BARS = 32  # of cross-validation: two a block
_CROWDED = " A search's points lie closer together than a grid's, so this is, if anything, too kind to it."


def outcome_table(sweep: Sweep, result: SweepResult) -> Any:
    """A row a combination: its settings, its figures, its probability of skill and its plateau's score."""
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in result.parameters.items()}
    scores = plateau_of(sweep, columns, result.metrics["sharpe_ratio"])
    columns |= {name: result.metrics[name] for name in METRICS}
    columns |= {"probability": probabilistic_sharpes(result.metrics), "plateau": scores}
    return pa.table({name: pa.array(np.ascontiguousarray(column)) for name, column in columns.items()})


def cube_of(columns: list[Float1D]) -> Any:
    """Row of each place of a grid, -1 where its combination contradicts itself."""
    axes = [np.unique(column) for column in columns]
    cube = np.full(tuple(axis.size for axis in axes), -1, np.int64)
    at = tuple(np.searchsorted(axis, column) for axis, column in zip(axes, columns, strict=True))
    cube[at] = np.arange(columns[0].size)
    return cube


def plateau_of(sweep: Sweep, columns: dict[str, Float1D], values: Float1D) -> Float1D:
    """The plateau's score of each row; NaN where nothing lies beside it."""
    if sweep.method == Sweep.Method.SEARCH:
        return scattered_plateau(*_scaled(sweep, columns, values))
    cube = cube_of(list(columns.values()))
    scores = grid_plateau(np.where(cube >= 0, values[np.maximum(cube, 0)], np.nan))
    found = np.full(values.size, np.nan)
    found[cube[cube >= 0]] = scores[cube >= 0]
    return found


def _neighbours(sweep: Sweep, result: SweepResult, row: int) -> int:
    """How many others the plateau's score of a row rests on."""
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in result.parameters.items()}
    values = result.metrics["sharpe_ratio"]
    if sweep.method == Sweep.Method.SEARCH:
        points, _, reach = _scaled(sweep, columns, values)
        return scattered_neighbours(points, values, row, reach)
    cube = cube_of(list(columns.values()))
    counts = grid_neighbours(np.where(cube >= 0, values[np.maximum(cube, 0)], np.nan))
    return int(counts[cube == row].item())


def _scaled(sweep: Sweep, columns: dict[str, Float1D], values: Float1D) -> tuple[Any, Float1D, Float1D]:
    """Points as fractions of their ranges, and how far a neighbourhood reaches: a tenth, or one step."""
    points, reach = [], []
    # sorted: a database may keep another order, and the bits are to be the same
    for name, told in sorted(sweep.ranges.items()):
        low, high, column = told["from"], told["to"], columns[name]
        if told.get("log"):
            low, high, column = np.log(low), np.log(high), np.log(column)
        points.append((column - low) / (high - low))
        step = told.get("step") or (1.0 if is_whole(name) and not told.get("log") else 0.0)
        reach.append(max(REACH, step / (high - low)))
    return np.column_stack(points), values, np.array(reach)


def judged(sweep: Sweep, result: SweepResult, scores: Float1D, report: Report) -> dict[str, Any]:
    """Best, plateau, what is left of the best once every trial of the family is counted, and PBO."""
    try:
        verdict = judge_sweep(result.metrics, result.blocks, should_stop=report.should_stop)
    except DegenerateSeries as error:
        raise Refusal("No combination ever traded: lower entry_z, or take a longer period.") from error
    is_search = sweep.method == Sweep.Method.SEARCH
    n_bars = int(result.metrics["n_returns"][verdict.best])
    periods = sweep.inputs["periods_per_year"]
    record_trials(
        owner=sweep.owner,
        family=sweep.family,
        configuration=_configuration(sweep),
        source=TrialSource.SEARCH if is_search else TrialSource.SWEEP,
        tally=verdict.tally,
        n_obs=n_bars,
        periods_per_year=periods,
    )
    moments = Moments(
        n_bars,
        *(
            float(result.metrics[name][verdict.best])
            for name in ("mean", "deviation", "skewness", "kurtosis")
        ),
    )
    pbo = None if verdict.overfitting is None else finite_or_none(verdict.overfitting.probability)
    plateau, row = None, None
    if not np.isnan(scores).all():
        row = int(np.nanargmax(scores))
        plateau = _combination(result, row) | {"score": float(scores[row])}
    looked_at = tally_of(sweep.owner, sweep.family, periods_per_year=periods)
    deflated = judge.deflated_of(moments, looked_at, verdict.deflated.effective_trials)
    if is_search:
        deflated["words"] += _CROWDED
    return {
        "best": _combination(result, verdict.best),
        "plateau": plateau,
        "plateau_words": _plateau_words(sweep, None if row is None else _neighbours(sweep, result, row)),
        "deflated": deflated,
        "pbo": pbo,
        "pbo_words": _pbo_words(pbo, result.n_combinations, n_bars, is_search=is_search),
        "correlation": finite_or_none(verdict.correlation),
    }


def _configuration(sweep: Sweep) -> str:
    """What was looked at; the same asked for again is the same look."""
    asked: dict[str, Any] = {"sweep": True, "grid": sweep.grid}
    if sweep.method == Sweep.Method.SEARCH:
        asked = {"ranges": sweep.ranges, "n_trials": sweep.n_trials, "seed": sweep.seed}
    return configuration_of(
        **asked,
        timeframe=sweep.timeframe,
        parameters=sweep.parameters,
        costs=sweep.costs,
        sizing=sweep.sizing,
        start=str(sweep.start_date),
        end=str(sweep.end_date),
        **turned(sweep.pairs),
    )


def _combination(result: SweepResult, row: int) -> dict[str, Any]:
    metrics = {name: float(values[row]) for name, values in result.metrics.items()}
    n, kurtosis, skew = metrics["n_returns"], metrics["kurtosis"], metrics["skewness"]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.float64(metrics["mean"]) / metrics["deviation"]
        error = np.sqrt((1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2) / n)
        annual = metrics["sharpe_ratio"] / ratio
    return {
        "parameters": {
            name: finite_or_none(float(values[row])) for name, values in result.parameters.items()
        },
        "sharpe": {
            "value": finite_or_none(metrics["sharpe_ratio"]),
            "standard_error": finite_or_none(float(error * annual)),
            "n": int(n),
        },
        "total_return": finite_or_none(metrics["total_return"]),
        "max_drawdown": finite_or_none(metrics["maximum_drawdown"]),
        "n_trades": int(metrics["n_trades"]),
    }


def _plateau_words(sweep: Sweep, n: int | None) -> str:
    """What the plateau's score is and how many others it rests on, or why there is none."""
    is_search = sweep.method == Sweep.Method.SEARCH
    if n is None and is_search:
        return (
            "No point has enough others within a tenth of each range to say how it is around it: search longer, or "
            "through fewer settings or narrower ranges."
        )
    if n is None:
        return "No combination has neighbours that traded: give more values of each setting."
    if is_search:
        return (
            f"Mean Sharpe ratio over the points within {REACH:.0%} of each range, or one step; the neighbourhood is "
            "cut into cells that count alike, because a search puts most points where it found the most. "
            f"Here it holds {n} other point{'s' if n > 1 else ''}."
        )
    most = 2 * sum(len(values) > 1 for values in sweep.grid.values())
    words = "Mean Sharpe ratio of a combination and of those one step away along each setting. "
    if n == most:
        return f"{words}Here it rests on all {n} of them."
    return (
        f"{words}Here it rests on {n} of {most}: beyond the edge of the grid nothing was tried, and what never traded "
        "says nothing."
    )


def _pbo_words(pbo: float | None, n: int, n_bars: int, *, is_search: bool) -> str:
    """The probability of overfitting, and of a search how far to believe it; where there is none, why."""
    if n < 2:
        return "Only one combination was tried: there was no choice that could have been overfitted."
    if n_bars < _LEAST_BARS:
        return f"{n_bars} bars are too few to split: it takes {_LEAST_BARS}."
    if pbo is None:
        return "Too few combinations traded in all parts of the period to compare them."
    words = judge.pbo_words(pbo)
    if is_search:
        words += (
            " These points were chosen with all bars in view and lie close together, so take it as a rough figure; a "
            "grid has an exact one."
        )
    return words
