"""Statistics that no market is needed for: multiple testing, the bootstrap, permutations, moments."""

from titan_core.statistics.bootstrap import (
    as_block_length,
    circular_indices,
    optimal_block_length,
    stationary_counts,
    stationary_indices,
)
from titan_core.statistics.moments import Moments, long_run_variance, newey_west_lags
from titan_core.statistics.multiple_testing import adjust, benjamini_hochberg, benjamini_yekutieli
from titan_core.statistics.permutation import (
    PermutationTest,
    circular_shifts,
    label_permutation,
    permutation_pvalue,
    sign_flip,
)

__all__ = [
    "Moments",
    "PermutationTest",
    "adjust",
    "as_block_length",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "circular_indices",
    "circular_shifts",
    "label_permutation",
    "long_run_variance",
    "newey_west_lags",
    "optimal_block_length",
    "permutation_pvalue",
    "sign_flip",
    "stationary_counts",
    "stationary_indices",
]
