"""Probability of backtest overfitting by combinatorially symmetric cross-validation, from sums of blocks alone."""

import math
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count
from titan_core.errors import Cancelled, InvalidInput, TooFewBars
from titan_core.types import Float1D, Float2D, Int1D, ShouldStop

__all__ = ["BlockSums", "Overfitting", "block_edges", "probability_of_overfitting"]

_NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class BlockSums:
    """Sums of returns and of their squares over each of S blocks of bars.

    Attributes
    ----------
    sums, squares : ndarray of shape (n_blocks, n_trials)
    lengths : ndarray of shape (n_blocks,), bars of each block
    """

    sums: Float2D = field(repr=False)
    squares: Float2D = field(repr=False)
    lengths: Int1D

    def __post_init__(self) -> None:
        """Check that shapes agree."""
        sums, squares = np.asarray(self.sums, np.float64), np.asarray(self.squares, np.float64)
        lengths = np.asarray(self.lengths, np.int64)
        if sums.ndim != 2 or sums.shape != squares.shape or lengths.shape != sums.shape[:1]:
            raise InvalidInput(
                f"sums {sums.shape}, squares {squares.shape}, lengths {lengths.shape}: "
                "wanted (n_blocks, n_trials) twice and (n_blocks,)"
            )
        if not (np.isfinite(sums).all() and np.isfinite(squares).all()):
            raise InvalidInput("sums or squares of blocks are not finite: a trial's returns hold NaN")
        for name, value in (("sums", sums), ("squares", squares), ("lengths", lengths)):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, returns: ArrayLike, n_blocks: int = 16) -> "BlockSums":
        """Of a whole matrix, shape (n_bars, n_trials); a sweep streams them instead."""
        values = np.asarray(returns, dtype=np.float64)
        if values.ndim != 2:
            raise InvalidInput(f"returns must be of shape (n_bars, n_trials); they have shape {values.shape}")
        edges = block_edges(values.shape[0], n_blocks)
        return cls(
            np.add.reduceat(values, edges[:-1], axis=0),
            np.add.reduceat(values * values, edges[:-1], axis=0),
            np.diff(edges),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """What choosing the best in sample was worth out of sample, over all splits.

    Attributes
    ----------
    probability : float
        Share of splits whose in-sample best ranks at or below the out-of-sample median.
    loss_probability : float
        Share of splits in which the chosen trial loses out of sample.
    degradation : float
        Slope of its out-of-sample ratio on its in-sample ratio over splits: below 1 as a rule, below 0 overfit.
    chosen_in_sample, chosen_out_of_sample : ndarray of shape (n_splits,)
        Its one-bar Sharpe ratios.
    relative_rank : ndarray of shape (n_splits,)
        Its out-of-sample rank / (n_trials + 1), the best near 1; ties get their mean rank.
    n_trials, n_splits : int
    """

    probability: float
    loss_probability: float
    degradation: float
    chosen_in_sample: Float1D = field(repr=False)
    chosen_out_of_sample: Float1D = field(repr=False)
    relative_rank: Float1D = field(repr=False)
    n_trials: int

    @property
    def n_splits(self) -> int:
        """Ways to choose half the blocks."""
        return self.relative_rank.size

    @property
    def logits(self) -> Float1D:
        """ln(ω / (1 - ω)) of the relative ranks, shape (n_splits,)."""
        return np.asarray(np.log(self.relative_rank / (1.0 - self.relative_rank)))


def block_edges(n_bars: int, n_blocks: int = 16) -> Int1D:
    """Bars at which blocks begin, and the end: n_blocks + 1 numbers, blocks cut as by ``numpy.array_split``.

    Lengths differ by one bar at most, the longer ones first.

    Raises
    ------
    TooFewBars
        Fewer than two bars a block.
    """
    blocks = as_count(n_blocks, "n_blocks", minimum=2)
    if as_count(n_bars, "n_bars") < 2 * blocks:
        raise TooFewBars(f"{n_bars} bars make no {blocks} blocks of two bars or more")
    sizes = np.full(blocks, n_bars // blocks, dtype=np.int64)
    sizes[: n_bars % blocks] += 1
    return np.concatenate(([0], np.cumsum(sizes)))


def probability_of_overfitting(blocks: BlockSums, *, should_stop: ShouldStop | None = None) -> Overfitting:
    """PBO by CSCV: every half of the blocks in turn chooses the best trial, the other half judges it.

    Sharpe ratios of any half follow from its blocks' sums and squares, so the matrix of returns is never needed: memory
    is that of ``blocks``. A trial that never moves in a half has ratio 0 there. Both a split and its mirror count.

    Parameters
    ----------
    blocks : an even number of blocks (16 are usual: 12,870 splits), two trials or more.
    should_stop : asked between parts of the work.

    Raises
    ------
    InvalidInput
        An odd number of blocks, or fewer than two trials.
    Cancelled
        ``should_stop`` returned True.

    References
    ----------
    Bailey, Borwein, López de Prado & Zhu (2017), "The probability of backtest overfitting", Journal of Computational
    Finance 20(4), algorithm 2.3.
    """
    n_blocks, n_trials = blocks.sums.shape
    if n_blocks % 2 or n_trials < 2:
        raise InvalidInput(
            f"{n_blocks} blocks of {n_trials} trials: an even number of blocks and two trials or more are needed"
        )
    # the mirror of a split is another split: half of them, each judged both ways
    members = np.array([c for c in combinations(range(n_blocks), n_blocks // 2) if c[0] == 0])
    halves = np.zeros((members.shape[0], n_blocks))
    np.put_along_axis(halves, members, 1.0, axis=1)
    step = max(1, _NUMBERS_AT_ONCE // n_trials)
    found = []
    for at in range(0, halves.shape[0], step):
        if should_stop is not None and should_stop():
            raise Cancelled("the estimate of overfitting was stopped")
        part = halves[at : at + step]
        one, other = _sharpes(part, blocks), _sharpes(1.0 - part, blocks)
        found += [_judge(one, other), _judge(other, one)]
    inside, outside, rank = (np.concatenate(parts) for parts in zip(*found, strict=True))
    d = inside - inside.mean()
    square = float(d @ d)
    return Overfitting(
        probability=float((rank <= 0.5).mean()),
        loss_probability=float((outside < 0.0).mean()),
        degradation=float(d @ outside) / square if square > 0.0 else math.nan,
        chosen_in_sample=inside,
        chosen_out_of_sample=outside,
        relative_rank=rank,
        n_trials=n_trials,
    )


def _sharpes(halves: Float2D, blocks: BlockSums) -> Float2D:
    """One-bar ratios, (n_splits, n_trials), divisor n: the same for all trials, so ranks don't care."""
    bars = (halves @ blocks.lengths)[:, None]
    mean = halves @ blocks.sums
    mean /= bars
    square = halves @ blocks.squares
    square /= bars
    variance = square - mean * mean
    moves = variance > 1e-14 * square
    np.sqrt(variance, out=variance, where=moves)
    return np.divide(mean, variance, out=np.zeros_like(mean), where=moves)


def _judge(inside: Float2D, outside: Float2D) -> tuple[Float1D, Float1D, Float1D]:
    """Of each split: the best ratio in sample, its ratio out of sample, and its relative rank there."""
    rows = np.arange(inside.shape[0])
    best = inside.argmax(axis=1)
    chosen = outside[rows, best]
    below = np.count_nonzero(outside < chosen[:, None], axis=1)
    equal = np.count_nonzero(outside == chosen[:, None], axis=1)
    return inside[rows, best], chosen, (below + 0.5 * (equal + 1.0)) / (inside.shape[1] + 1.0)
