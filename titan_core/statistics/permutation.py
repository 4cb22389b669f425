"""Permutation tests: what a difference would be if labels, signs or dates meant nothing."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_choice, as_count, as_number, as_series
from titan_core.errors import TooFewBars
from titan_core.types import Int1D

__all__ = [
    "Alternative",
    "PermutationTest",
    "circular_shifts",
    "label_permutation",
    "permutation_pvalue",
    "sign_flip",
]

Alternative: TypeAlias = Literal["greater", "less", "two-sided"]
_ALTERNATIVES: tuple[Alternative, ...] = ("greater", "less", "two-sided")
_NUMBERS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Outcome: the observed mean (or difference of means), its p-value, and how many draws made it.

    ``exact`` says that every arrangement was gone through, so that nothing is random in the p-value.
    """

    observed: float
    pvalue: float
    n_obs: int
    n_draws: int
    exact: bool


def permutation_pvalue(observed: float, null: ArrayLike, alternative: Alternative = "greater") -> float:
    """(1 + draws at least as extreme) / (1 + draws): never zero, and valid at any number of draws.

    Parameters
    ----------
    observed : the statistic.
    null : array-like of shape (n_draws,), the same statistic under the null.
    alternative : "greater", "less" or "two-sided" (by absolute value).

    References
    ----------
    Phipson & Smyth (2010), "Permutation p-values should never be zero", SAGMB 9(1).
    """
    value, drawn = as_number(observed, "observed"), as_series(null, "null")
    as_choice(alternative, "alternative", _ALTERNATIVES)
    # equal up to rounding counts as equal: an arrangement that gives the observed sums differs in its last bits
    slack = 1e-12 * max(1.0, float(np.abs(drawn).max()), abs(value))
    if alternative == "greater":
        extreme = drawn >= value - slack
    elif alternative == "less":
        extreme = drawn <= value + slack
    else:
        extreme = np.abs(drawn) >= abs(value) - slack
    return float((1.0 + np.count_nonzero(extreme)) / (1.0 + drawn.size))


def sign_flip(
    differences: ArrayLike,
    *,
    generator: np.random.Generator,
    n_draws: int = 9_999,
    alternative: Alternative = "two-sided",
) -> PermutationTest:
    """Paired test that differences are symmetric around zero: their signs are flipped at random.

    Where there are no more than ``n_draws`` patterns of signs, all of them are gone through.

    Parameters
    ----------
    differences : array-like of shape (n_pairs,), finite, independent of each other: sum what is not (a pair's bars,
        a week's trades) first.
    generator : source of randomness.
    n_draws : patterns drawn.
    alternative : of their mean.

    References
    ----------
    Fisher (1935), "The design of experiments", section 21.
    """
    x = as_series(differences, "differences", min_size=2)
    as_choice(alternative, "alternative", _ALTERNATIVES)
    draws = as_count(n_draws, "n_draws", minimum=1)
    observed = float(x.mean())
    if x.size < 62 and 2**x.size <= draws:
        bits = (
            np.arange(1, 2**x.size)[:, None] >> np.arange(x.size) & 1
        )  # 0, the observed, is counted by the rule
        null = (1.0 - 2.0 * bits) @ x / x.size
        return PermutationTest(
            observed, permutation_pvalue(observed, null, alternative), x.size, null.size, exact=True
        )
    null = np.empty(draws)
    step = max(1, _NUMBERS_AT_ONCE // x.size)
    for at in range(0, draws, step):
        part = null[at : at + step]
        part[:] = (1.0 - 2.0 * generator.integers(2, size=(part.size, x.size))) @ x / x.size
    return PermutationTest(
        observed, permutation_pvalue(observed, null, alternative), x.size, draws, exact=False
    )


def label_permutation(
    first: ArrayLike,
    second: ArrayLike,
    *,
    generator: np.random.Generator,
    n_draws: int = 9_999,
    alternative: Alternative = "two-sided",
) -> PermutationTest:
    """Test that two samples are of one law, by the difference of their means: the labels are shuffled.

    Parameters
    ----------
    first, second : array-like of shape (n_1,) and (n_2,), finite, independent observations.
    generator, n_draws, alternative : as in `sign_flip`; of mean(first) - mean(second).
    """
    a, b = as_series(first, "first"), as_series(second, "second")
    as_choice(alternative, "alternative", _ALTERNATIVES)
    draws = as_count(n_draws, "n_draws", minimum=1)
    pooled = np.concatenate([a, b])
    observed, total = float(a.mean() - b.mean()), float(pooled.sum())
    null = np.empty(draws)
    for draw in range(draws):
        chosen = float(generator.permutation(pooled)[: a.size].sum())
        null[draw] = chosen / a.size - (total - chosen) / b.size
    return PermutationTest(
        observed, permutation_pvalue(observed, null, alternative), pooled.size, draws, exact=False
    )


def circular_shifts(n_bars: int, n_draws: int, generator: np.random.Generator, *, smallest: int = 1) -> Int1D:
    """Shifts for a null that keeps a label's own persistence: ``numpy.roll(labels, shift)``, each different.

    Parameters
    ----------
    n_bars : length of what is shifted.
    n_draws : shifts to draw.
    smallest : least distance from the true alignment, in both directions.

    Returns
    -------
    ndarray of shape (n_draws,), int64, each in smallest … n_bars - smallest.

    Raises
    ------
    TooFewBars
        There are fewer different shifts than asked for.
    """
    low = as_count(smallest, "smallest", minimum=1)
    draws = as_count(n_draws, "n_draws", minimum=1)
    room = as_count(n_bars, "n_bars") - 2 * low + 1
    if room < draws:
        raise TooFewBars(
            f"{n_bars} bars allow {max(room, 0)} shifts of {low} bars or more; {draws} are wanted"
        )
    return np.asarray(low + generator.permutation(room)[:draws], dtype=np.int64)
