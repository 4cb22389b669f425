"""Statistics that no market is needed for: multiple testing and the bootstrap."""

from titan_core.statistics.bootstrap import optimal_block_length, stationary_indices
from titan_core.statistics.multiple_testing import adjust, benjamini_hochberg, benjamini_yekutieli

__all__ = [
    "adjust",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "optimal_block_length",
    "stationary_indices",
]
