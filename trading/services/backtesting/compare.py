"""Backtests side by side: curves, settings that differ, and whether a difference is more than chance."""

import json
from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from titan_core.backtesting.comparison import compare_sharpe_ratios
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.types import Float1D
from trading.models import BacktestRun
from trading.services.backtesting.curves import read_curve
from trading.services.backtesting.describe import describe
from trading.services.backtesting.judge import returns_of
from trading.services.backtesting.memory import Kept
from trading.utils import as_datetime, finite_or_none

__all__ = ["compare"]

_DRAWS = 999
_tested: Kept[dict[str, Any]] = Kept(512)  # 28 tests of eight runs take a second, and runs never change
_SETTINGS = ("kind", "pairs", "rule", "timeframe", "start_date", "end_date", "capital")
_PARTS = ("parameters", "costs", "sizing", "limits")


def compare(runs: Sequence[BacktestRun]) -> dict[str, Any]:
    """Curves on the union of their bars, what differs, and paired tests of their Sharpe ratios."""
    curves = {run.pk: _curve(run) for run in runs}
    axis = np.unique(np.concatenate([stamps for stamps, _ in curves.values()]))
    equity = []
    for run in runs:
        stamps, values = curves[run.pk]
        row = np.full(axis.size, np.nan)
        row[np.searchsorted(axis, stamps)] = values / values[0]
        equity.append(row)
    return {
        "runs": describe(list(runs)),
        "timestamps": [as_datetime(instant) for instant in axis],
        "equity": [[finite_or_none(float(value)) for value in row] for row in equity],
        "parameters_differ": _differing(runs),
        "differences": [
            _tested.get(
                (a.pk, a.result_hash, a.name, b.pk, b.result_hash, b.name), partial(_difference, a, b, curves)
            )
            for a, b in combinations(runs, 2)
        ],
    }


def _curve(run: BacktestRun) -> tuple[Any, Float1D]:
    columns = read_curve(run.inputs.get("curve"))
    return columns["timestamps"], columns["equity"]


def _differing(runs: Sequence[BacktestRun]) -> list[dict[str, Any]]:
    """Settings in which not all agree, as texts."""
    flat = [_flat(run) for run in runs]
    names = list(dict.fromkeys(name for one in flat for name in one))
    return [
        {"name": name, "values": [one.get(name) for one in flat]}
        for name in names
        if len({one.get(name) for one in flat}) > 1
    ]


def _flat(run: BacktestRun) -> dict[str, str | None]:
    found: dict[str, str | None] = {name: _text(getattr(run, name)) for name in _SETTINGS}
    for part in _PARTS:
        for name, value in getattr(run, part).items():
            if isinstance(value, dict):
                found |= {f"{part}.{name}.{inner}": _text(told) for inner, told in value.items()}
            elif name != "name" or part != "parameters":
                found[f"{part}.{name}"] = _text(value)
    return found


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, list) for one in value):
        return ", ".join("/".join(map(str, one)) for one in value)
    return (
        json.dumps(value, default=str) if isinstance(value, list | dict | bool | float | int) else str(value)
    )


def _difference(a: BacktestRun, b: BacktestRun, curves: dict[int, tuple[Any, Float1D]]) -> dict[str, Any]:
    """Run a less run b on the bars both have."""
    (stamps_a, values_a), (stamps_b, values_b) = curves[a.pk], curves[b.pk]
    shared, at_a, at_b = np.intersect1d(stamps_a, stamps_b, assume_unique=True, return_indices=True)
    n = max(0, shared.size - 1)
    answer: dict[str, Any] = {"a": a.pk, "b": b.pk, "n": n}
    empty = {"sharpe_difference": None, "standard_error": None, "pvalue": None}
    if n < 30:
        return answer | empty | {"words": f"They have {n} bars in common: too few to compare."}
    try:
        found = compare_sharpe_ratios(
            returns_of(values_a[at_a]),
            returns_of(values_b[at_b]),
            periods_per_year=a.inputs.get("periods_per_year", 252.0),
            generator=np.random.default_rng([a.pk, b.pk]),
            n_draws=_DRAWS,
        )
    except (DegenerateSeries, InvalidInput) as error:
        text = str(error)
        return answer | empty | {"words": f"{text[:1].upper()}{text[1:]}."}
    better = a if found.difference > 0 else b
    sure = found.pvalue <= 0.05
    words = (
        f"{better.name or better.pk} is better by more than chance explains (p = {found.pvalue:.3f})."
        if sure
        else f"No difference was seen that chance would not explain (p = {found.pvalue:.2f}); that proves no equality."
    )
    return answer | {
        "sharpe_difference": finite_or_none(found.difference),
        "standard_error": finite_or_none(found.standard_error),
        "pvalue": finite_or_none(found.pvalue),
        "words": words,
    }
