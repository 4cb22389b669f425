"""Files of bars, whatever they look like: recognised, read in batches, refused in words."""

from titan_core.data.files.batches import Batch
from titan_core.data.files.options import FileOptions
from titan_core.data.files.reader import BarFile, Recognised, read_bars_file
from titan_core.data.files.report import REASONS, Rejected, RowReport
from titan_core.data.files.spool import Spool

__all__ = [
    "REASONS",
    "BarFile",
    "Batch",
    "FileOptions",
    "Recognised",
    "Rejected",
    "RowReport",
    "Spool",
    "read_bars_file",
]
