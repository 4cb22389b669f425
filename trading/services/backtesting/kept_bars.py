"""The exact bars a run used, as an Arrow file named by its hash."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from titan_core import manifest
from titan_core.data import BarPanel, CorporateAction
from titan_core.errors import DataUnavailable
from trading.services import artefacts

__all__ = ["bars_hash", "bars_of", "keep_bars"]

_FIELDS = ("open", "high", "low", "close", "volume")


def keep_bars(bars: BarPanel) -> str:
    """Write bars once; their hash."""
    return artefacts.put_table("bars", _table(bars))


def bars_hash(bars: BarPanel) -> str:
    """What `keep_bars` would name them."""
    return manifest.table_hash(_table(bars))


def bars_of(name: str) -> BarPanel:
    """The bars of a hash; `DataUnavailable` where the file is gone, `StoreError` where it was altered."""
    if not name:
        raise DataUnavailable("This run kept no bars: ask for it again.")
    table = artefacts.table("bars", name)
    head = json.loads(table.schema.metadata[b"titan"])
    symbols = tuple(head["symbols"])
    columns: dict[str, Any] = {}
    for field in _FIELDS:
        names = [f"{field}|{symbol}" for symbol in symbols]
        is_there = names[0] in table.column_names
        columns[field] = np.column_stack([table[name].to_numpy() for name in names]) if is_there else None
    actions = tuple(
        CorporateAction(s, np.datetime64(at), kind, value) for s, at, kind, value in head["actions"]
    )
    return BarPanel(
        symbols, table["timestamp"].to_numpy(), **columns, actions=actions, adjustment=head["adjustment"]
    )


def _table(bars: BarPanel) -> Any:
    """One column a field and symbol; what is no column stands in the metadata."""
    columns: dict[str, Any] = {"timestamp": pa.array(bars.timestamps, pa.timestamp("us"))}
    for field in _FIELDS:
        values = getattr(bars, field)
        if values is not None:
            for j, symbol in enumerate(bars.symbols):
                columns[f"{field}|{symbol}"] = pa.array(np.ascontiguousarray(values[:, j]))
    head = {
        "symbols": list(bars.symbols),
        "adjustment": bars.adjustment,
        "actions": [[a.symbol, str(a.timestamp), a.kind, a.value] for a in bars.actions],
    }
    return pa.table(columns).replace_schema_metadata({b"titan": json.dumps(head, sort_keys=True).encode()})
