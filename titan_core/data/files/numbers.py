"""Cells as numbers: thousands separators, decimal commas, currency signs, and the many ways to write nothing."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float1D

__all__ = ["as_numbers", "decimal_mark"]

_NOTHING = pa.array(["", "-", "--", ".", "n/a", "na", "#n/a", "null", "none", "nil", "nan", "\u2014"])
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^[-+]?(?i:inf|infinity)$"
_SUFFIX = {"k": 1e3, "m": 1e6, "b": 1e9}


def as_numbers(cells: Any, decimal: str, *, suffixes: bool = False) -> tuple[Float1D, BoolArray]:
    """Numbers of text cells, and which cells are neither a number nor one of the ways to write nothing.

    Parameters
    ----------
    cells : pyarrow string Array or ChunkedArray of shape (n,)
    decimal : "." or ","
    suffixes : whether 5.27M means 5,270,000, as vendors write volumes

    Returns
    -------
    numbers : ndarray of shape (n,), NaN where nothing is written or the cell is bad
    bad : ndarray of shape (n,)
    """
    if decimal == ".":
        try:
            quick = pc.cast(cells, pa.float64())
            return _to_numpy(quick), np.zeros(len(cells), np.bool_)
        except pa.ArrowInvalid:
            pass
    text = pc.utf8_trim_whitespace(cells)
    text = pc.if_else(pc.is_in(pc.utf8_lower(text), value_set=_NOTHING), pa.scalar(None, text.type), text)
    text = _without_separators(text, decimal)
    factor = None
    if suffixes:
        text, factor = _without_suffix(text)
    good = pc.match_substring_regex(text, _NUMBER)
    numbers = _to_numpy(pc.cast(pc.if_else(good, text, pa.scalar(None, text.type)), pa.float64()))
    bad = _to_numpy(pc.fill_null(pc.invert(good), False))  # noqa: FBT003 - pyarrow's fill value
    return numbers if factor is None else numbers * factor, bad.astype(np.bool_)


def decimal_mark(cells: Iterable[str], asked: str) -> str:
    """The decimal mark that cells of prices show, or the one asked for.

    Raises
    ------
    InvalidInput
        Every cell is like 12,345: a thousand, or three decimals?
    """
    if asked != "auto":
        return asked
    comma = dot = unclear = 0
    example = ""
    for cell in cells:
        text = re.sub(r"^[^\d-]+|[\s\u00a0']", "", cell.strip())
        if re.fullmatch(r"-?\d{1,3}(,\d{3})+", text):
            unclear, example = unclear + 1, example or text
        elif re.fullmatch(r"-?\d+,\d+|-?\d{1,3}(\.\d{3})+,\d*", text):
            comma += 1
        elif re.fullmatch(r"-?[\d,]*\.\d+", text):
            dot += 1
    if comma and comma > dot:
        return ","
    if unclear and not dot:
        raise InvalidInput(
            f"prices such as {example} can be read as a thousand or with three decimals, and no cell settles it: "
            'say decimal="," or decimal="."'
        )
    return "."


def _without_separators(text: Any, decimal: str) -> Any:
    """Plain numbers with a point: currency signs, spaces and thousands separators gone."""
    text = pc.replace_substring_regex(text, r"^([-+]?)(?:[$€£¥]|USD|EUR|GBP)\s*", r"\1")
    text = pc.replace_substring_regex(text, r"(\d)[\s\x{00a0}\x{202f}'](\d{3})", r"\1\2")
    text = pc.replace_substring_regex(text, r"(\d)[\s\x{00a0}\x{202f}'](\d{3})", r"\1\2")
    thousands = r"," if decimal == "." else r"\."
    grouped = pc.match_substring_regex(
        text, rf"^[-+]?\d{{1,3}}({thousands}\d{{3}})+({'[.]' if decimal == '.' else ','}\d*)?$"
    )
    bare = pc.replace_substring(text, "," if decimal == "." else ".", "")
    text = pc.if_else(grouped, bare, text)
    if decimal == ",":
        # what still has a point was not written with this decimal mark: no number
        pointed = pc.match_substring(text, ".")
        text = pc.if_else(pointed, pa.scalar("?", text.type), pc.replace_substring(text, ",", "."))
    return text


def _without_suffix(text: Any) -> tuple[Any, Float1D]:
    factor = np.ones(len(text))
    for letter, value in _SUFFIX.items():
        has = _to_numpy(pc.fill_null(pc.match_substring_regex(text, rf"^[\d.]+(?i:{letter})$"), False))  # noqa: FBT003 - pyarrow's fill value
        factor[has.astype(np.bool_)] = value
    return pc.replace_substring_regex(text, r"^([\d.]+)(?i:[kmb])$", r"\1"), factor


def _to_numpy(array: Any) -> Any:
    """One numpy array of an Arrow array in one or many chunks; null becomes NaN."""
    return array.to_numpy() if isinstance(array, pa.ChunkedArray) else array.to_numpy(zero_copy_only=False)
