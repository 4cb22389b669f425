"""A sweep's job, its surface and its plateau."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from titan_core.backtesting import sweep_pair
from titan_core.backtesting.overfitting import judge_sweep
from titan_core.backtesting.sweep import SweepResult
from titan_core.errors import DataUnavailable, DegenerateSeries
from titan_core.statistics.moments import Moments
from titan_core.types import Float1D
from trading.models import Job, Sweep, TrialSource
from trading.services import artefacts
from trading.services.backtesting import judge
from trading.services.backtesting.asking import pairs_of_run, terms_of_run
from trading.services.backtesting.kept_bars import bars_of
from trading.services.backtesting.terms import grid_of
from trading.services.backtesting.trials import configuration_of, record_trials, tally_of
from trading.services.jobs import Report
from trading.services.refusals import Refusal
from trading.utils import finite_or_none

__all__ = ["run_sweep", "surface_of"]

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


def run_sweep(job: Job, report: Report) -> None:
    """Every combination of a grid on one pair; each counts as a trial."""
    sweep = Sweep.objects.select_related("owner").filter(pk=job.subject_id or 0).first()
    if sweep is None:
        raise DataUnavailable("The sweep of this job was deleted; nothing is left to do.")
    bars = bars_of(sweep.inputs["bars"])
    terms = terms_of_run(sweep, ())

    def progress(done: int, total: int) -> None:
        report(
            0.05 + 0.8 * done / max(1, total), stage="Trading", message=f"{done:,} of {total:,} combinations"
        )

    result = sweep_pair(
        bars,
        pairs_of_run(sweep)[0],
        grid=grid_of(sweep.grid, terms.rule),
        costs=terms.costs,
        capital=terms.capital,
        rule=terms.rule,
        sizing=terms.sizing,
        start=np.datetime64(sweep.start_date),
        periods_per_year=terms.periods_per_year,
        progress=progress,
        should_stop=report.should_stop,
    )
    report(0.88, stage="Judging", message="")
    table = _table(result)
    summary = _judged(sweep, result, report)
    report(0.97, stage="Storing")
    name = artefacts.put_table("backtests", table)
    with transaction.atomic():
        report.fence()
        sweep.summary, sweep.result_hash, sweep.completed_at = summary, name, timezone.now()
        sweep.n_combinations, sweep.n_left_out = result.n_combinations, result.n_left_out
        sweep.manifest = result.manifest.as_dict() | {"bars": sweep.inputs["bars"]}
        sweep.save()
        report.complete(message=f"{result.n_combinations:,} combinations tried.")


def _table(result: SweepResult) -> Any:
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in result.parameters.items()}
    columns |= {name: result.metrics[name] for name in METRICS}
    return pa.table({name: pa.array(np.ascontiguousarray(column)) for name, column in columns.items()})


def _judged(sweep: Sweep, result: SweepResult, report: Report) -> dict[str, Any]:
    """Best, plateau, what is left of the best once every trial of the family is counted, and PBO."""
    configuration = configuration_of(
        sweep=True,
        grid=sweep.grid,
        parameters=sweep.parameters,
        costs=sweep.costs,
        sizing=sweep.sizing,
        start=str(sweep.start_date),
        end=str(sweep.end_date),
    )
    try:
        verdict = judge_sweep(result.metrics, result.blocks, should_stop=report.should_stop)
    except DegenerateSeries as error:
        raise Refusal("No combination ever traded: lower entry_z, or take a longer period.") from error
    record_trials(
        owner=sweep.owner,
        family=sweep.family,
        configuration=configuration,
        source=TrialSource.SWEEP,
        tally=verdict.tally,
        n_obs=int(result.metrics["n_returns"][verdict.best]),
    )
    moments = Moments(
        int(result.metrics["n_returns"][verdict.best]),
        *(
            float(result.metrics[name][verdict.best])
            for name in ("mean", "deviation", "skewness", "kurtosis")
        ),
    )
    pbo = None if verdict.overfitting is None else finite_or_none(verdict.overfitting.probability)
    names = list(sweep.grid)
    cube, scores = _scores(_dense(result, names), "sharpe_ratio")
    at = np.unravel_index(int(np.nanargmax(scores)), scores.shape)
    return {
        "best": _combination(result, verdict.best),
        "plateau": _combination(result, int(cube[at])) | {"score": float(scores[at])},
        "deflated": judge.deflated_of(
            moments, tally_of(sweep.owner, sweep.family), verdict.deflated.effective_trials
        ),
        "pbo": pbo,
        "pbo_words": judge.pbo_words(pbo),
        "correlation": finite_or_none(verdict.correlation),
    }


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


def _dense(result: SweepResult, names: list[str]) -> tuple[Any, Mapping[str, Float1D]]:
    """Row of each place of the grid, -1 where its combination contradicts itself."""
    columns = [np.asarray(result.parameters[name], dtype=np.float64) for name in names]
    return _cube(columns), result.metrics


def _cube(columns: list[Float1D]) -> Any:
    axes = [np.unique(column) for column in columns]
    cube = np.full(tuple(axis.size for axis in axes), -1, np.int64)
    at = tuple(np.searchsorted(axis, column) for axis, column in zip(axes, columns, strict=True))
    cube[at] = np.arange(columns[0].size)
    return cube


def _scores(dense: tuple[Any, Mapping[str, Float1D]], metric: str) -> tuple[Any, Any]:
    """Mean of a metric over each place and its neighbours along every axis; NaN where the place has none."""
    cube, metrics = dense
    values = np.where(cube >= 0, np.asarray(metrics[metric])[np.maximum(cube, 0)], np.nan)
    return cube, _smoothed(values)


def _smoothed(values: Any) -> Any:
    padded = np.pad(values, 1, constant_values=np.nan)
    total, count = np.zeros(values.shape), np.zeros(values.shape)
    inner = tuple(slice(1, -1) for _ in values.shape)
    for axis in range(-1, values.ndim):
        for shift in (0,) if axis < 0 else (-1, 1):
            window = list(inner)
            if axis >= 0:
                window[axis] = slice(1 + shift, padded.shape[axis] - 1 + shift)
            near = padded[tuple(window)]
            total += np.nan_to_num(near)
            count += ~np.isnan(near)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(values), np.nan, total / count)


def surface_of(
    sweep: Sweep, *, x: str | None = None, y: str | None = None, metric: str | None = None
) -> dict[str, Any]:
    """A metric over two parameters of the grid, the others at the best combination's values."""
    names, shown = list(sweep.grid), metric or "sharpe_ratio"
    for field, name in (("x", x), ("y", y)):
        if name is not None and name not in names:
            raise Refusal(f"The grid has no {name}: it has {', '.join(names)}.", field=field)
    if shown not in METRICS:
        raise Refusal(f"There is no metric {shown}: choose of {', '.join(METRICS)}.", field="metric")
    across = x or next(name for name in names if name != y)
    others = [name for name in names if name != across]
    up = y if y is not None and y != across else (others[0] if others else None)
    if x is not None and x == y:
        raise Refusal(f"x and y are both {x}: choose two parameters.", field="y")
    best = sweep.summary["best"]["parameters"]
    fixed = {name: best[name] for name in names if name not in (across, up)}
    table = artefacts.table("backtests", sweep.result_hash)
    rows = np.ones(table.num_rows, np.bool_)
    for name, value in fixed.items():
        rows &= table[name].to_numpy() == (np.inf if value is None else value)
    xs = table[across].to_numpy()[rows]
    ys = table[up].to_numpy()[rows] if up is not None else np.zeros(xs.size)
    cube = _cube([ys, xs])
    found = table[shown].to_numpy()[rows]
    values = np.where(cube >= 0, found[np.maximum(cube, 0)], np.nan)
    axes = np.unique(ys), np.unique(xs)
    sign = -1.0 if shown in {"maximum_drawdown", "volatility", "costs"} else 1.0
    return {
        "x": across,
        "y": up,
        "metric": shown,
        "x_values": [finite_or_none(float(value)) for value in axes[1]],
        "y_values": [finite_or_none(float(value)) for value in axes[0]] if up is not None else [],
        "values": [[finite_or_none(float(value)) for value in row] for row in values],
        "fixed": fixed,
        "best": _place(values, axes, up, sign),
        "plateau": _place(_smoothed(values), axes, up, sign),
        "pbo": sweep.summary["pbo"],
        "deflated": sweep.summary["deflated"],
    }


def _place(values: Any, axes: tuple[Any, Any], up: str | None, sign: float) -> dict[str, Any] | None:
    finite = np.where(np.isfinite(values), sign * values, np.nan)
    if np.isnan(finite).all():
        return None
    row, column = np.unravel_index(int(np.nanargmax(finite)), finite.shape)
    return {
        "x": finite_or_none(float(axes[1][column])),
        "y": finite_or_none(float(axes[0][row])) if up is not None else None,
        "value": float(values[row, column]),
    }
