"""Panels and result tables as artefacts: Arrow files named by the hash of what they hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from titan_core import manifest
from titan_core.data import PricePanel
from titan_core.errors import StoreError
from trading.services.artefacts.files import Kind, adopt, drafts, local

__all__ = ["panel", "put_panel", "put_table", "table"]


def put_panel(made: PricePanel) -> str:
    """Keep a panel; its hash."""
    with drafts() as folder, _without_folder("panels", folder):
        path = manifest.write_panel(made, folder)
        adopt("panels", path.stem, path)
    return path.stem


def panel(name: str) -> PricePanel:
    """The panel of a hash; `DataUnavailable` where its file is gone, `StoreError` where it was altered."""
    with local("panels", name) as path, _without_folder("panels", path.parent):
        return manifest.read_panel(path)


def put_table(kind: Kind, made: Any) -> str:
    """Keep a result table; its hash."""
    with drafts() as folder, _without_folder(kind, folder):
        path = manifest.write_table(made, folder)
        adopt(kind, path.stem, path)
    return path.stem


def table(kind: Kind, name: str) -> Any:
    """The result table of a hash; raises as `panel`."""
    with local(kind, name) as path, _without_folder(kind, path.parent):
        return manifest.read_table(path)


@contextmanager
def _without_folder(kind: str, folder: Path) -> Iterator[None]:
    """Errors of files as those read them whose job it is: where this server keeps its files is not their business."""
    try:
        yield
    except StoreError as error:
        raise StoreError(str(error).replace(str(folder), kind)) from error
