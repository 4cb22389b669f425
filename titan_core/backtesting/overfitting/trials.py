"""The trial ledger's arithmetic: how many configurations were tried, and how their Sharpe ratios vary."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_number
from titan_core.errors import InvalidInput

__all__ = ["TrialTally", "average_correlation", "effective_trials"]

_COLUMNS_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True)
class TrialTally:
    """Count, mean and spread of the one-bar Sharpe ratios of trials; tallies of parts add up to that of the whole.

    Attributes
    ----------
    count : int
        Trials, those without a ratio among them: a look is a look.
    mean : float
    square : float
        Sum of squared deviations from the mean.

    References
    ----------
    Chan, Golub & LeVeque (1983), "Algorithms for computing the sample variance", American Statistician 37(3): merging.
    """

    count: int = 0
    mean: float = 0.0
    square: float = 0.0

    @classmethod
    def of(cls, sharpes: ArrayLike) -> "TrialTally":
        """Tally of trials' ratios, shape (n_trials,). NaN (a rule that never traded) counts as a ratio of 0.

        Raises
        ------
        InvalidInput
            Not one-dimensional numbers, or infinite.
        """
        values = np.nan_to_num(np.asarray(sharpes, dtype=np.float64), nan=0.0, posinf=np.inf, neginf=-np.inf)
        if values.ndim != 1 or not np.isfinite(values).all():
            raise InvalidInput("sharpes must be one finite number a trial, NaN where it never traded")
        if not values.size:
            return cls()
        mean = float(values.mean())
        return cls(values.size, mean, float(((values - mean) ** 2).sum()))

    def __add__(self, other: "TrialTally") -> "TrialTally":
        """Tally of both sets of trials."""
        count = self.count + other.count
        if not self.count or not other.count:
            return self if other.count == 0 else other
        gap = other.mean - self.mean
        square = self.square + other.square + gap * gap * self.count * other.count / count
        return TrialTally(count, self.mean + gap * other.count / count, square)

    def per_bar_of(self, periods_per_year: float, made_with: float) -> "TrialTally":
        """The same trials told per bar of another length: a ratio grows with the root of a bar's share of a year.

        Parameters
        ----------
        periods_per_year : bars a year of the run they are to be counted with, above 0.
        made_with : bars a year of the trials themselves, above 0.

        Raises
        ------
        InvalidInput
            One of the two is not above 0.
        """
        wanted, had = as_number(periods_per_year, "periods_per_year"), as_number(made_with, "made_with")
        if wanted <= 0.0 or had <= 0.0:
            raise InvalidInput(f"periods_per_year is {wanted} and made_with {had}: a year has some bars")
        if wanted == had:
            return self
        share = had / wanted
        return TrialTally(self.count, self.mean * math.sqrt(share), self.square * share)

    @property
    def variance(self) -> float:
        """Across trials, divisor count - 1; 0 with fewer than two."""
        return self.square / (self.count - 1) if self.count > 1 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, from which ``TrialTally(**values)`` makes an equal one."""
        return {"count": self.count, "mean": self.mean, "square": self.square}


def effective_trials(n_trials: int, correlation: float) -> float:
    """ρ̄ + (1 - ρ̄)·N: as many independent trials N correlated ones amount to.

    Parameters
    ----------
    n_trials : N, at least 1.
    correlation : mean correlation of their returns (`average_correlation`), in [-1, 1]; below 0 counts as 0.

    References
    ----------
    Bailey & López de Prado (2014), appendix 3.
    """
    rho = as_number(correlation, "correlation")
    if not -1.0 <= rho <= 1.0 or n_trials < 1:
        raise InvalidInput(f"{n_trials} trials of mean correlation {rho}: give one or more, within [-1, 1]")
    rho = max(rho, 0.0)
    return rho + (1.0 - rho) * n_trials


def average_correlation(returns: ArrayLike) -> float:
    """Mean correlation over all pairs of columns, in one pass: (|Σ u_i|² - N) / (N(N - 1)), u_i of length one.

    Parameters
    ----------
    returns : array-like of shape (n_bars, n_trials), finite; columns that do not move are left out.

    Returns
    -------
    float
        NaN with fewer than two columns that move.
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise InvalidInput("returns must be of shape (n_bars, n_trials), finite")
    total = np.zeros(values.shape[0])
    moving = 0
    for at in range(0, values.shape[1], _COLUMNS_AT_ONCE):
        part = values[:, at : at + _COLUMNS_AT_ONCE]
        size = (part * part).sum(axis=0)
        part = part - part.mean(axis=0)
        length = np.sqrt((part * part).sum(axis=0))
        moves = length > 1e-12 * np.sqrt(size)
        total += (part[:, moves] / length[moves]).sum(axis=1)
        moving += int(np.count_nonzero(moves))
    if moving < 2:
        return math.nan
    return float((total @ total - moving) / (moving * (moving - 1.0)))
