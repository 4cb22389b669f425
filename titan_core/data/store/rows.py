"""Rows on their way into a store: columns checked, every refusal names the row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from titan_core.data.actions import CorporateAction
from titan_core.data.instants import Instants, as_instants
from titan_core.data.store.schema import FIELDS
from titan_core.errors import InvalidInput
from titan_core.types import Float1D

__all__ = ["action_rows", "as_bar_columns", "as_microseconds"]

PRICES = FIELDS[:-1]


def as_microseconds(timestamps: npt.ArrayLike) -> tuple[Instants, list[int]]:
    """Timestamps as given, checked to be distinct, and as whole microseconds since 1970."""
    instants = as_instants(timestamps, "timestamps")
    in_order = np.argsort(instants, kind="stable")
    again = np.flatnonzero(instants[in_order][1:] == instants[in_order][:-1])
    if again.size:
        first, second = int(in_order[again[0]]), int(in_order[again[0] + 1])
        raise InvalidInput(
            f"rows {first} and {second} are both at {instants[first]}: keep one bar per instant"
        )
    return instants, instants.astype(np.int64).tolist()


def as_bar_columns(instants: Instants, columns: Mapping[str, npt.ArrayLike | None]) -> list[list[Any]]:
    """Columns in the order of `FIELDS` as lists; an absent one is all None; NaN stays (SQLite: NULL)."""
    arrays = {name: _as_column(name, columns[name], instants) for name in FIELDS if columns[name] is not None}
    priced = np.zeros(instants.size, np.bool_)
    for name in PRICES:
        if name in arrays:
            priced |= ~np.isnan(arrays[name])
    if not priced.all():
        row = int(np.argmin(priced))
        raise InvalidInput(f"row {row} ({instants[row]}) has no price: leave out bars that did not happen")
    nothing: list[Any] = [None] * instants.size
    return [arrays[name].tolist() if name in arrays else nothing for name in FIELDS]


def action_rows(
    series_id: int, timestamps: npt.ArrayLike, kinds: Sequence[str], values: npt.ArrayLike
) -> list[tuple[int, int, str, float]]:
    """Rows of the corporate-action table; each passes through `CorporateAction`, which checks it."""
    instants = as_instants(timestamps, "timestamps")
    amounts = np.asarray(values, np.float64)
    if not instants.shape == (len(kinds),) == amounts.shape:
        raise InvalidInput(
            f"{instants.size} timestamps, {len(kinds)} kinds and {amounts.size} values: they must match"
        )
    rows: dict[tuple[int, str], tuple[int, int, str, float]] = {}
    for i, (instant, kind, value) in enumerate(zip(instants, kinds, amounts.tolist(), strict=True)):
        try:
            CorporateAction(f"series {series_id}", instant, kind, value)  # type: ignore[arg-type]  # it checks the kind
        except InvalidInput as error:
            raise InvalidInput(f"row {i}: {error}") from error
        time = int(instant.astype(np.int64))
        if (time, kind) in rows:
            raise InvalidInput(f"row {i} repeats the {kind} at {instant}: add the two up, or keep one")
        rows[time, kind] = (series_id, time, kind, value)
    return list(rows.values())


def _as_column(name: str, values: npt.ArrayLike | None, instants: Instants) -> Float1D:
    """One column as float64 of the right length, infinity refused."""
    try:
        column = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must be numbers: {error}") from error
    if column.shape != instants.shape:
        raise InvalidInput(f"{name} has shape {column.shape}, but there are {instants.size} timestamps")
    infinite = np.isinf(column)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise InvalidInput(
            f"row {row} ({instants[row]}): {name} is {column[row]}; write NaN where it is not known"
        )
    return column
