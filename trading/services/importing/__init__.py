"""Bars out of a table that TITAN does not own, into its store."""

from trading.services.importing.service import ImportOutcome, ImportRequest, ImportService
from trading.services.importing.sources import ColumnMap, open_source
from trading.services.importing.verify import Comparison

__all__ = ["ColumnMap", "Comparison", "ImportOutcome", "ImportRequest", "ImportService", "open_source"]
