"""Statistics that no market is needed for: multiple testing now, bootstrap and permutation beside it."""

from titan_core.statistics.multiple_testing import adjust, benjamini_hochberg, benjamini_yekutieli

__all__ = ["adjust", "benjamini_hochberg", "benjamini_yekutieli"]
