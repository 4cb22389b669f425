"""Files of scans: the exact panel each ran on and its whole result, named by their hashes."""

from pathlib import Path
from typing import Any

from django.conf import settings

from titan_core import manifest
from titan_core.data import PricePanel

__all__ = ["keep_panel", "keep_table", "panel_of", "panel_path", "table_of", "table_path"]


def panel_path(panel_hash: str) -> Path:
    """Where a panel of this hash is kept."""
    return _folder("panels") / f"{panel_hash}.arrow"


def table_path(result_hash: str) -> Path:
    """Where a result table of this hash is kept."""
    return _folder("scans") / f"{result_hash}.arrow"


def keep_panel(panel: PricePanel) -> str:
    """Write a panel once; its hash."""
    return manifest.write_panel(panel, _folder("panels")).stem


def keep_table(table: Any) -> str:
    """Write a result table once; its hash."""
    return manifest.write_table(table, _folder("scans")).stem


def panel_of(panel_hash: str) -> PricePanel:
    """The panel of a hash; `DataUnavailable` where its file is gone, `StoreError` where it was altered."""
    return manifest.read_panel(panel_path(panel_hash))


def table_of(result_hash: str) -> Any:
    """The result table of a hash; raises as `panel_of`."""
    return manifest.read_table(table_path(result_hash))


def _folder(name: str) -> Path:
    folder = Path(settings.TITAN_HOME) / "artefacts" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
