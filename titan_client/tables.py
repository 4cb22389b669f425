"""Arrow streams as tables and DataFrames."""

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_of", "table_of"]


def table_of(content: bytes) -> Any:
    """The pyarrow Table of an Arrow stream."""
    return pa.ipc.open_stream(content).read_all()


def frame_of(table: Any) -> "pd.DataFrame":
    """The DataFrame of a table, indexed by its instants where it has any; ``attrs`` holds what is no column."""
    import json

    frame: pd.DataFrame = table.to_pandas()
    if "timestamps" in frame.columns:
        frame = frame.set_index("timestamps")
    for name, value in (table.schema.metadata or {}).items():
        if name != b"pandas":
            frame.attrs[name.decode()] = json.loads(value)
    return frame
