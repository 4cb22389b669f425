"""Panels to and from pandas and Arrow: foreign frames are welcome at the door and absent inside."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from titan_core.data.instants import Instants
from titan_core.errors import InvalidInput
from titan_core.types import Float2D

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_arrow", "as_pandas", "parts_of_arrow", "parts_of_pandas"]

_NOTE = b"titan."  # prefix of the schema metadata that carries a panel's adjustment and scale
_INSTANT = pa.timestamp("us", "UTC")


def parts_of_pandas(frame: "pd.DataFrame") -> tuple[tuple[str, ...], Instants, Float2D]:
    """Symbols, timestamps and values of a wide frame with a DatetimeIndex."""
    if not hasattr(frame, "columns") or not hasattr(frame, "index"):
        raise InvalidInput(
            f"from_pandas takes a DataFrame, got {type(frame).__name__}: from_arrow takes the others"
        )
    index = frame.index
    if getattr(index.dtype, "kind", None) != "M":
        raise InvalidInput(
            f"the frame's index must be a DatetimeIndex, got {index.dtype}: set_index the dates first"
        )
    if getattr(index, "tz", None) is not None:
        index = index.tz_convert("UTC").tz_localize(None)  # type: ignore[attr-defined]  # only a DatetimeIndex gets here
    symbols = tuple(frame.columns)
    for name, kind in zip(symbols, frame.dtypes, strict=True):
        if not isinstance(name, str):
            raise InvalidInput(f"column {name!r} is no symbol: columns must be plain strings, one level")
        if getattr(kind, "kind", None) not in ("f", "i", "u"):
            raise InvalidInput(f"column {name} holds {kind}, not numbers")
    return symbols, index.to_numpy(), frame.to_numpy(np.float64, na_value=np.nan)


def parts_of_arrow(data: Any, time: str) -> tuple[tuple[str, ...], Instants, Float2D, dict[str, str]]:
    """Symbols, timestamps, values and titan's notes of a wide table."""
    table = _as_table(data)
    at = _time_column(table.schema, time)
    instants = table.column(at)
    if instants.null_count:
        raise InvalidInput(
            f"column {table.schema.field(at).name} has {instants.null_count} rows without a time"
        )
    timestamps = instants.cast(_INSTANT, safe=False).cast(pa.int64()).to_numpy().view("datetime64[us]")
    others = [i for i in range(table.num_columns) if i != at]
    symbols = tuple(table.schema.field(i).name for i in others)
    values = np.empty((table.num_rows, len(others)), np.float64, order="F")
    for j, i in enumerate(others):
        values[:, j] = _numbers(table.column(i), symbols[j])
    notes = {
        key.removeprefix(_NOTE).decode(): value.decode()
        for key, value in (table.schema.metadata or {}).items()
        if key.startswith(_NOTE)
    }
    return symbols, timestamps, values, notes


def as_pandas(symbols: tuple[str, ...], timestamps: Instants, values: Float2D) -> "pd.DataFrame":
    """Wide frame with a UTC DatetimeIndex called "timestamp"."""
    import pandas as pd

    index = pd.DatetimeIndex(timestamps.copy(), tz="UTC", name="timestamp")
    return pd.DataFrame(values.copy(), index=index, columns=list(symbols))


def as_arrow(symbols: tuple[str, ...], timestamps: Instants, values: Float2D, notes: dict[str, str]) -> Any:
    """Wide table; a symbol may be called "timestamp" too, so the time column is the first."""
    instants = pa.array(timestamps.astype(np.int64), pa.int64()).cast(_INSTANT)
    columns = [pa.array(np.ascontiguousarray(values[:, j]), from_pandas=True) for j in range(len(symbols))]
    schema = pa.schema(
        [
            pa.field("timestamp", _INSTANT, nullable=False),
            *(pa.field(name, pa.float64()) for name in symbols),
        ],
        {_NOTE + key.encode(): value.encode() for key, value in notes.items()},
    )
    return pa.Table.from_arrays([instants, *columns], schema=schema)


def _as_table(data: Any) -> Any:
    """Any tabular object as a pyarrow Table, through the protocol it speaks."""
    if isinstance(data, pa.Table):
        return data
    if hasattr(data, "__arrow_c_stream__"):
        return pa.table(data)
    if hasattr(data, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        return from_dataframe(data)
    raise InvalidInput(
        f"{type(data).__name__} is no table: pass Arrow, polars, pandas or what has __arrow_c_stream__"
    )


def _time_column(schema: Any, time: str) -> int:
    """Position of the column called ``time``, or of the only temporal one."""
    temporal = [
        i
        for i, field in enumerate(schema)
        if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type)
    ]
    named = [i for i in temporal if schema.field(i).name == time]
    if named:
        return int(named[0])
    if len(temporal) == 1:
        return int(temporal[0])
    found = ", ".join(schema.field(i).name for i in temporal) or "none"
    raise InvalidInput(f"no time column called {time!r}; columns of times: {found}: say which with time=")


def _numbers(column: Any, symbol: str) -> Float2D:
    """Float64 with NaN for null; text and booleans are refused rather than parsed."""
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise InvalidInput(f"column {symbol} holds {kind}, not numbers")
    numbers: Float2D = column.cast(pa.float64(), safe=False).to_numpy()
    return numbers
