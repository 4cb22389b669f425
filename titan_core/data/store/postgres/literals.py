"""Whole numbers and instants as SQL text: exact, and nothing else can pass."""

from collections.abc import Iterable

import numpy as np

__all__ = ["ids_literal", "instant_literal", "instants_literal"]

_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")


def ids_literal(ids: Iterable[int]) -> str:
    """An array of bigint; bound parameters would leave the binary COPY that makes reads fast."""
    return f"'{{{','.join(str(int(key)) for key in ids)}}}'::bigint[]"


def instant_literal(instant: np.datetime64) -> str:
    """A timestamptz in UTC; beyond the years 1 to 9999 the nearest end, for no bar lies there."""
    inside = min(max(instant.astype("datetime64[us]"), _FIRST), _LAST)
    return f"'{inside}Z'::timestamptz"


def instants_literal(times: Iterable[int]) -> str:
    """An array of timestamptz from microseconds since 1970."""
    texts = (f'"{np.datetime64(int(time), "us")}Z"' for time in times)
    return f"'{{{','.join(texts)}}}'::timestamptz[]"
