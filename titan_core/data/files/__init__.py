"""Files of bars, whatever they look like: recognised, read in batches, refused in words."""

from titan_core.data.files.options import FileOptions

__all__ = ["FileOptions"]
