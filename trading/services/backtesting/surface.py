"""A finished sweep to look at: a metric over two settings, and every combination in any order."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from titan_core.backtesting.plateau import grid_plateau
from titan_core.types import Float1D
from trading.models import Sweep
from trading.services import artefacts
from trading.services.backtesting.sweep_outcome import METRICS, cube_of, plateau_of
from trading.services.refusals import Refusal
from trading.utils import finite_or_none

__all__ = ["COLUMNS", "Combinations", "surface_of"]

COLUMNS = ["probability", "plateau", *METRICS[: METRICS.index("n_returns")]]
_LOWER_IS_BETTER = {"maximum_drawdown", "volatility", "costs"}


def surface_of(
    sweep: Sweep, *, x: str | None = None, y: str | None = None, metric: str | None = None
) -> dict[str, Any]:
    """A metric over two parameters: a grid's as a matrix, a search's as points."""
    across, up = _axes(sweep, x, y)
    shown = metric or "sharpe_ratio"
    if shown not in METRICS:
        raise Refusal(f"There is no metric {shown}: choose of {', '.join(METRICS)}.", field="metric")
    table = artefacts.table("backtests", sweep.result_hash)
    draw = _scattered if sweep.method == Sweep.Method.SEARCH else _matrix
    return {
        "method": sweep.method,
        "x": across,
        "y": up,
        "metric": shown,
        **draw(sweep, table, across, up, shown),
        "pbo": sweep.summary["pbo"],
        "deflated": sweep.summary["deflated"],
    }


def _axes(sweep: Sweep, x: str | None, y: str | None) -> tuple[str, str | None]:
    """The settings to draw over, the first ones unless told."""
    names = sweep.settings
    for field, name in (("x", x), ("y", y)):
        if name is not None and name not in names:
            raise Refusal(f"The sweep has no {name}: it has {', '.join(names)}.", field=field)
    if x is not None and x == y:
        raise Refusal(f"x and y are both {x}: choose two parameters.", field="y")
    across = x or next((name for name in names if name != y), names[0])
    others = [name for name in names if name != across]
    return across, y if y is not None and y != across else (others[0] if others else None)


def _matrix(sweep: Sweep, table: Any, across: str, up: str | None, shown: str) -> dict[str, Any]:
    """The others of the grid at the best combination's values."""
    best = sweep.summary["best"]["parameters"]
    fixed = {name: best[name] for name in sweep.settings if name not in (across, up)}
    rows = np.ones(table.num_rows, np.bool_)
    for name, value in fixed.items():
        rows &= table[name].to_numpy() == (np.inf if value is None else value)
    xs = table[across].to_numpy()[rows]
    ys = table[up].to_numpy()[rows] if up is not None else np.zeros(xs.size)
    cube, found = cube_of([ys, xs]), table[shown].to_numpy()[rows]
    values = np.where(cube >= 0, found[np.maximum(cube, 0)], np.nan)
    numbers = np.flatnonzero(rows) + 1
    axes = np.unique(ys), np.unique(xs)

    def place(scores: Any) -> dict[str, Any] | None:
        at = _highest(scores, shown)
        if at is None:
            return None
        row, column = np.unravel_index(at, scores.shape)
        return {
            "x": finite_or_none(float(axes[1][column])),
            "y": finite_or_none(float(axes[0][row])) if up is not None else None,
            "value": float(scores[row, column]),
        }

    return {
        "x_values": [finite_or_none(float(value)) for value in axes[1]],
        "y_values": [finite_or_none(float(value)) for value in axes[0]] if up is not None else [],
        "values": [[finite_or_none(float(value)) for value in row] for row in values],
        "numbers": [[int(numbers[at]) if at >= 0 else None for at in row] for row in cube],
        "points": None,
        "fixed": fixed,
        "best": place(values),
        "plateau": place(grid_plateau(values)),
    }


def _scattered(sweep: Sweep, table: Any, across: str, up: str | None, shown: str) -> dict[str, Any]:
    """Every point where it lies, whatever its other settings."""
    columns = {name: table[name].to_numpy() for name in sweep.settings}
    values = table[shown].to_numpy()

    def place(scores: Float1D) -> dict[str, Any] | None:
        at = _highest(scores, shown)
        if at is None:
            return None
        return {
            "x": float(columns[across][at]),
            "y": float(columns[up][at]) if up is not None else None,
            "value": float(scores[at]),
        }

    return {
        "x_values": [],
        "y_values": [],
        "values": [],
        "numbers": [],
        "points": {
            "number": list(range(1, values.size + 1)),
            "x": columns[across].tolist(),
            "y": columns[up].tolist() if up is not None else [],
            "value": [finite_or_none(float(value)) for value in values],
        },
        "fixed": {},
        "best": place(values),
        "plateau": place(plateau_of(sweep, columns, values)),
    }


def _highest(scores: Any, shown: str) -> int | None:
    """Where the best of a metric is; None where it has no value."""
    sign = -1.0 if shown in _LOWER_IS_BETTER else 1.0
    finite = np.where(np.isfinite(scores), sign * scores, np.nan)
    return None if np.isnan(finite).all() else int(np.nanargmax(finite))


class Combinations(Sequence[dict[str, Any]]):
    """The combinations of a finished sweep in an order, made into rows as they are sliced; none before its end."""

    def __init__(self, sweep: Sweep, ordering: Sequence[str] = ()) -> None:
        self.settings = sweep.settings
        known = ["number", *self.settings, *COLUMNS]
        for term in ordering:
            if term.removeprefix("-") not in known:
                raise Refusal(
                    f"Can't order by {term.removeprefix('-')}: choose of {', '.join(known)}.",
                    field="ordering",
                )
        self.columns: dict[str, Float1D] = {}
        self.order = np.arange(0)
        if sweep.is_complete:
            table = artefacts.table("backtests", sweep.result_hash)
            self.columns = {name: _column(table, name) for name in [*self.settings, *COLUMNS]}
            self.columns["number"] = np.arange(1.0, table.num_rows + 1)
            self.order = self._ordered(ordering)

    def _ordered(self, ordering: Sequence[str]) -> Any:
        """Rows in this order, those without a value last, equals as they were tried."""
        keys: list[Any] = []
        for term in reversed(ordering):
            column = self.columns[term.removeprefix("-")]
            missing = np.isnan(column)
            keys += [np.where(missing, 0.0, -column if term.startswith("-") else column), missing]
        return np.lexsort(keys) if keys else np.arange(self.columns["number"].size)

    def __len__(self) -> int:
        return int(self.order.size)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(at, slice):
            return [self._row(int(row)) for row in self.order[at]]
        return self._row(int(self.order[at]))

    def flat(self) -> Iterator[dict[str, Any]]:
        """Every row with its settings as columns of their own."""
        for row in self.order:
            shown = self._row(int(row))
            yield shown.pop("parameters") | shown

    def _row(self, row: int) -> dict[str, Any]:
        return {
            "number": row + 1,
            "parameters": {name: finite_or_none(float(self.columns[name][row])) for name in self.settings},
            **{name: finite_or_none(float(self.columns[name][row])) for name in COLUMNS},
        }


def _column(table: Any, name: str) -> Float1D:
    """A column; nothing but NaN where an earlier version kept none."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.asarray(table[name].to_numpy(), dtype=np.float64)
