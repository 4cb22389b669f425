"""Validation at the door: every face checks its arguments here once, and kernels behind it trust them.

A message names the argument, says what was found and what is wanted.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from titan_core.errors import InvalidInput, TooFewBars
from titan_core.types import Float1D

__all__ = ["as_choice", "as_count", "as_fraction", "as_number", "as_pair", "as_series", "one_dimension"]

T = TypeVar("T")


def as_series(values: ArrayLike, name: str, *, min_size: int = 1, finite: bool = True) -> Float1D:
    """One-dimensional, C-contiguous float64 view or copy of ``values``.

    Parameters
    ----------
    values : array-like of shape (n_bars,): numpy, pandas, polars, Arrow or a plain sequence of numbers.
    name : how the message calls it.
    min_size : fewest elements accepted.
    finite : refuse NaN and infinity; the message gives the first position.

    Raises
    ------
    InvalidInput
        Not numeric, not one-dimensional, or not finite.
    TooFewBars
        Fewer than ``min_size`` elements.
    """
    array = one_dimension(values, name)
    if array.size < min_size:
        raise TooFewBars(f"{name} has {array.size} bars; at least {min_size} are needed")
    if finite and not np.isfinite(array).all():
        bad = np.flatnonzero(~np.isfinite(array))
        raise InvalidInput(
            f"{name} holds {bad.size} missing or infinite values, the first at position {bad[0]}; "
            "drop those bars (from both legs of a pair) first"
        )
    return array


def one_dimension(values: ArrayLike, name: str) -> Float1D:
    """One-dimensional float64 array of ``values``; missing values become NaN."""
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must be numbers: {error}") from error
    if np.ndim(values) != 1:
        raise InvalidInput(f"{name} must be one series, of shape (n_bars,); it has shape {np.shape(values)}")
    return array


def as_pair(y: ArrayLike, x: ArrayLike, *, min_size: int = 1) -> tuple[Float1D, Float1D]:
    """Two finite series of one length: the legs of a pair, bar for bar."""
    first, second = as_series(y, "y", min_size=min_size), as_series(x, "x", min_size=min_size)
    if first.size != second.size:
        raise InvalidInput(
            f"y has {first.size} bars and x has {second.size}; a pair needs the bars both have, in order"
        )
    return first, second


def as_choice(value: T, name: str, options: Sequence[T]) -> T:
    """``value``, if it is one of ``options``."""
    if not any(value == option and type(value) is type(option) for option in options):
        raise InvalidInput(f"{name} must be one of {', '.join(map(repr, options))}; it is {value!r}")
    return value


def as_count(value: Any, name: str, *, minimum: int = 0) -> int:
    """``value`` as an int of at least ``minimum``; floats and booleans are refused, not rounded."""
    try:
        count = operator.index(value)
    except TypeError:
        raise InvalidInput(f"{name} must be a whole number; it is {value!r}") from None
    if isinstance(value, bool | np.bool_):
        raise InvalidInput(f"{name} must be a whole number; it is {value!r}")
    if count < minimum:
        raise InvalidInput(f"{name} must be at least {minimum}; it is {count}")
    return count


def as_number(value: Any, name: str) -> float:
    """``value`` as a finite float."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{name} must be a number; it is {value!r}") from None
    if not math.isfinite(number):
        raise InvalidInput(f"{name} must be finite; it is {number}")
    return number


def as_fraction(value: Any, name: str) -> float:
    """``value`` as a float strictly between 0 and 1: a level, a share."""
    number = as_number(value, name)
    if not 0.0 < number < 1.0:
        raise InvalidInput(f"{name} must lie strictly between 0 and 1; it is {number}")
    return number
