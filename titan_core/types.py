"""Shared vocabulary of the engine: array shapes, literals and callback signatures."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "FDR",
    "Adjustment",
    "Autolag",
    "BoolArray",
    "Float1D",
    "Float2D",
    "Int1D",
    "Progress",
    "Scale",
    "ShouldStop",
    "Timeframe",
    "Trend",
]

Float1D: TypeAlias = npt.NDArray[np.float64]
Float2D: TypeAlias = npt.NDArray[np.float64]
Int1D: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

Adjustment: TypeAlias = Literal["raw", "split", "total_return"]
Scale: TypeAlias = Literal["log", "price"]
Timeframe: TypeAlias = Literal["1d", "1wk", "1mo"]
# Deterministic terms of the cointegrating regression, named as statsmodels names them.
Trend: TypeAlias = Literal["n", "c", "ct", "ctt"]
Autolag: TypeAlias = Literal["aic", "bic", "t-stat"] | None
FDR: TypeAlias = Literal["by", "bh"]

# progress(done, total): called now and then, in units of the work itself (pairs, bars).
Progress: TypeAlias = Callable[[int, int], None]
# should_stop(): polled between blocks of work; True ends it with `Cancelled`.
ShouldStop: TypeAlias = Callable[[], bool]
