"""Purging, embargo, and combinatorial purged cross-validation.

Cross-validation trains on bars after those it tests: it tells how stable a choice is, not what trading it would have
earned. What it makes is marked as not causal, and nothing that is served as a track record may be built on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from titan_core.checks import as_count
from titan_core.errors import InvalidInput, TooFewBars
from titan_core.types import BoolArray, Int1D

__all__ = ["Split", "non_causal_cpcv_paths", "non_causal_cpcv_splits", "purged_training"]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Bars to train on and bars to test on.

    Attributes
    ----------
    train, test : ndarray of int64, positions of bars, rising
    groups : tuple of int
        Groups of bars tested.
    """

    train: Int1D = field(repr=False)
    test: Int1D = field(repr=False)
    groups: tuple[int, ...] = ()

    @property
    def is_causal(self) -> bool:
        """Whether all training lies before all testing."""
        return bool(self.train.size == 0 or self.test.size == 0 or self.train[-1] < self.test[0])


def purged_training(n_bars: int, tested: Sequence[tuple[int, int]], *, purge: int, embargo: int) -> BoolArray:
    """Which bars may be trained on beside the tested stretches.

    A trade decided at bar t lives until t + purge at most and looks back embargo bars at most. So the ``purge`` bars
    before a stretch go, whose trades reach into it; and after it ``purge + embargo`` bars, which look back into trades
    decided in it.

    Parameters
    ----------
    n_bars : bars in all.
    tested : (first, end) of each stretch, end not included.
    purge : longest holding time, bars.
    embargo : longest lookback of the rule, bars, or more.

    Returns
    -------
    ndarray of shape (n_bars,), bool

    Raises
    ------
    InvalidInput
        A stretch outside the bars, or a negative count.
    """
    n = as_count(n_bars, "n_bars", minimum=1)
    before, after = as_count(purge, "purge"), as_count(embargo, "embargo")
    allowed = np.ones(n, dtype=np.bool_)
    for first, end in tested:
        if not 0 <= first < end <= n:
            raise InvalidInput(f"tested bars {first} … {end} are no part of 0 … {n}")
        allowed[max(0, first - before) : end + before + after] = False
    return allowed


def non_causal_cpcv_splits(
    n_bars: int, *, n_groups: int = 10, n_tested: int = 2, purge: int, embargo: int
) -> tuple[Split, ...]:
    """Combinatorial purged cross-validation: every ``n_tested`` of ``n_groups`` groups of bars tested in turn.

    Most splits train on the future of what they test. ``Split.is_causal`` says so of each.

    Parameters
    ----------
    n_bars : cut into groups of equal length, but for one bar.
    purge, embargo : as in `purged_training`.

    Raises
    ------
    InvalidInput
        Not 1 <= n_tested < n_groups.
    TooFewBars
        A split is left without a bar to train on.

    References
    ----------
    López de Prado (2018), "Advances in financial machine learning", sections 7.4 and 12.3.
    """
    edges = _edges(n_bars, n_groups, n_tested)
    splits = []
    for groups in combinations(range(n_groups), n_tested):
        stretches = [(int(edges[g]), int(edges[g + 1])) for g in groups]
        train = np.flatnonzero(purged_training(n_bars, stretches, purge=purge, embargo=embargo))
        if not train.size:
            raise TooFewBars(
                f"purge {purge} and embargo {embargo} leave nothing of {n_bars} bars to train on beside groups "
                f"{groups}: use fewer groups or more bars"
            )
        test = np.concatenate([np.arange(a, b) for a, b in stretches])
        splits.append(Split(train.astype(np.int64), test.astype(np.int64), groups))
    return tuple(splits)


def non_causal_cpcv_paths(n_groups: int = 10, n_tested: int = 2) -> Int1D:
    """Which split each group's bars are taken from on each path through all groups.

    Returns
    -------
    ndarray of shape (n_paths, n_groups), int64
        Position in `non_causal_cpcv_splits`; n_paths = n_tested / n_groups · C(n_groups, n_tested). A path tests
        every bar once, and each split is used once a group.
    """
    _edges(2 * n_groups, n_groups, n_tested)
    splits_of: list[list[int]] = [[] for _ in range(n_groups)]
    for at, groups in enumerate(combinations(range(n_groups), n_tested)):
        for group in groups:
            splits_of[group].append(at)
    return np.array(splits_of, dtype=np.int64).T


def _edges(n_bars: int, n_groups: int, n_tested: int) -> Int1D:
    groups = as_count(n_groups, "n_groups", minimum=2)
    if not 1 <= as_count(n_tested, "n_tested") < groups:
        raise InvalidInput(f"n_tested is {n_tested} of {groups} groups: test at least one, and not all")
    if as_count(n_bars, "n_bars") < groups:
        raise TooFewBars(f"{n_bars} bars make no {groups} groups")
    return np.arange(groups + 1, dtype=np.int64) * n_bars // groups
