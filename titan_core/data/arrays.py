"""Checks on arrays at the panel's door; what passes is float64 or datetime64[us], its own and read-only."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from titan_core.data.instants import Instants, as_instants
from titan_core.errors import DataUnavailable, InvalidInput
from titan_core.types import Float2D

__all__ = ["as_matrix", "as_symbols", "as_time_axis", "columns_of", "frozen", "rows_between", "same_values"]

ScalarT = TypeVar("ScalarT", bound=np.generic)


def as_symbols(symbols: Iterable[str]) -> tuple[str, ...]:
    """Column names as a tuple: text, not empty, each once."""
    if isinstance(symbols, str):
        raise InvalidInput(
            f"symbols must be a sequence of names, got the one string {symbols!r}: write [{symbols!r}]"
        )
    names = tuple(symbols)
    seen: set[str] = set()
    for i, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise InvalidInput(f"symbols[{i}] is {name!r}: every symbol must be a non-empty string")
        if name in seen:
            raise InvalidInput(f"symbol {name} is there twice: every column needs its own")
        seen.add(name)
    return names


def as_time_axis(timestamps: npt.ArrayLike) -> Instants:
    """Time axis of shape (n_bars,), strictly rising."""
    axis = as_instants(timestamps, "timestamps")
    disorder = axis[1:] <= axis[:-1]
    if disorder.any():
        i = int(np.argmax(disorder)) + 1
        if axis[i] == axis[i - 1]:
            raise InvalidInput(f"timestamps[{i}] repeats {axis[i]}: one row per instant")
        raise InvalidInput(f"timestamps[{i}] = {axis[i]} comes after {axis[i - 1]}: sort the rows by time")
    return _owned(axis)


def as_matrix(values: npt.ArrayLike, name: str, symbols: tuple[str, ...], timestamps: Instants) -> Float2D:
    """Values of shape (n_bars, n_symbols) as float64; NaN passes, infinity does not."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise InvalidInput(f"{name} must be numbers, got {array.dtype}")
    expected = (timestamps.size, len(symbols))
    if array.shape != expected:
        raise InvalidInput(
            f"{name} has shape {array.shape}, but there are {expected[0]} bars × {expected[1]} symbols"
        )
    matrix = array.astype(np.float64, copy=False)
    infinite = np.isinf(matrix)
    if infinite.any():
        i, j = (int(k) for k in np.argwhere(infinite)[0])
        raise InvalidInput(
            f"{name} of {symbols[j]} at {timestamps[i]} is {matrix[i, j]}: use NaN where there is no bar"
        )
    return _owned(matrix)


def columns_of(symbols: tuple[str, ...], wanted: Iterable[str]) -> list[int]:
    """Positions of ``wanted`` among ``symbols``, in the order asked for."""
    position = {name: j for j, name in enumerate(symbols)}
    names = as_symbols(wanted)
    missing = [name for name in names if name not in position]
    if missing:
        raise DataUnavailable(
            f"no column for {', '.join(missing)}: the panel has {', '.join(symbols) or 'no symbols'}"
        )
    return [position[name] for name in names]


def rows_between(timestamps: Instants, first: np.datetime64 | None, last: np.datetime64 | None) -> slice:
    """Rows with first <= timestamp <= last."""
    start = 0 if first is None else int(np.searchsorted(timestamps, first, side="left"))
    stop = timestamps.size if last is None else int(np.searchsorted(timestamps, last, side="right"))
    return slice(start, stop)


def same_values(a: Float2D | None, b: Float2D | None) -> bool:
    """Equal element by element, NaN equal to NaN."""
    if a is None or b is None:
        return a is b
    return np.array_equal(a, b, equal_nan=True)


def frozen(array: npt.NDArray[ScalarT]) -> npt.NDArray[ScalarT]:
    """The same array made read-only, with all it is a view of: a panel takes it over without a copy."""
    holder: object = array
    while isinstance(holder, np.ndarray):
        holder.flags.writeable = False
        holder = holder.base
    return array


def _owned(array: npt.NDArray[ScalarT]) -> npt.NDArray[ScalarT]:
    """The array, read-only for everyone: copied unless nobody can write to its memory already."""
    holder: object = array
    while isinstance(holder, np.ndarray):
        if holder.flags.writeable:
            return frozen(array.copy(order="K"))
        holder = holder.base
    return array
