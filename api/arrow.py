"""Series and tables as an Arrow stream: the stored doubles to the last bit, a fraction of JSON's time and size."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.json import OrjsonRenderer, dumps

__all__ = ["ARROW", "SERIES_RENDERERS", "ArrowRenderer", "table_of_rows", "wants_arrow"]

ARROW = "application/vnd.apache.arrow.stream"
_KINDS = {
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "str": pa.string(),
    "floats": pa.list_(pa.float64()),
}


class ArrowRenderer(BaseRenderer):
    """One record batch: columns of the answer; what is no column is JSON in the schema's metadata."""

    media_type = ARROW
    format = "arrow"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of the stream."""
        table = data if isinstance(data, pa.Table) else _table_of_columns(data)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return bytes(sink.getvalue())


# JSON first: it is what an Accept that names neither gets.
SERIES_RENDERERS = [OrjsonRenderer, ArrowRenderer]


def wants_arrow(request: Request) -> bool:
    """Whether the answer travels as Arrow."""
    return isinstance(request.accepted_renderer, ArrowRenderer)


def table_of_rows(rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> pa.Table:
    """Rows as a table with these columns, each of a kind: int, float, bool, str or floats (a list a row)."""
    held = list(rows)
    return pa.table(
        {name: pa.array([row[name] for row in held], _KINDS[kind]) for name, kind in kinds.items()}
    )


def _table_of_columns(data: Mapping[str, Any]) -> pa.Table:
    arrays = {name: value for name, value in data.items() if isinstance(value, np.ndarray | list)}
    length = max((len(value) for value in arrays.values()), default=0)
    columns, rest = {}, {}
    for name, value in data.items():
        if name in arrays:
            columns[name] = _column(value)
        elif value is None and arrays:
            columns[name] = pa.nulls(length, pa.float64())  # a column the source lacks
        else:
            rest[name] = value
    metadata = {name.encode(): dumps(value) for name, value in rest.items()}
    return pa.table(columns).replace_schema_metadata(metadata)


def _column(values: np.ndarray | Sequence[Any]) -> pa.Array:
    """One column; instants are UTC, no number is null."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return pa.array(array.astype("datetime64[us]"), pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    if array.dtype.kind == "f":
        return pa.array(array, mask=~np.isfinite(array))
    return pa.array(array)
