"""Why a pair could not be tested: stable names for code, words for people."""

from titan_core.analysis.cointegration.kernels import (
    COLLINEAR,
    CONSTANT,
    NOT_POSITIVE,
    OVERLAP,
    SINGULAR,
)

__all__ = ["REASONS", "REASON_OF_CODE"]

# Formatted with symbol_1 and symbol_2.
REASONS: dict[str, str] = {
    "collinear": "{symbol_1} and {symbol_2} are the same series up to scale and shift: nothing is left to test",
    "constant": "{symbol_1} or {symbol_2} does not move (or only follows the trend taken off) on the bars both have",
    "too_little_overlap": "{symbol_1} and {symbol_2} have too few bars in common for this test",
    "not_positive": "{symbol_1} or {symbol_2} has a price at or below zero, which has no log",
    "singular": "the residual of {symbol_1} and {symbol_2} repeats itself exactly, so its lags can't be told apart",
}

REASON_OF_CODE: dict[int, str] = {
    COLLINEAR: "collinear",
    CONSTANT: "constant",
    OVERLAP: "too_little_overlap",
    SINGULAR: "singular",
    NOT_POSITIVE: "not_positive",
}
