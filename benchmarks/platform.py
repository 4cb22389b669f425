"""The platform of production: its store, its workers, its servers; each starts what it needs (`tools.services`)."""

import importlib
import importlib.util
from collections.abc import Iterator

from benchmarks.measure import Options, Row

__all__ = ["rows"]

PARTS = ("platform_store", "platform_workers", "platform_servers")


def rows(options: Options) -> Iterator[Row]:
    """Every part's rows; a part that names one may be run alone too."""
    for name in PARTS:
        yield from importlib.import_module(f"benchmarks.{name}").rows(options)
