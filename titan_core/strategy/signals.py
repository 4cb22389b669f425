"""A rule's signal on a pair: all bars at once, or one bar at a time; the same numbers to the last bit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count, one_dimension
from titan_core.errors import InvalidInput, TooFewBars
from titan_core.strategy import kernels as k
from titan_core.strategy.parameters import RULES, Rule, TradedPair
from titan_core.types import Float1D, Float2D

__all__ = ["Signals", "compute_signals", "new_state"]


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What a rule saw, bar by bar; all arrays of shape (n_bars,), NaN where a leg has no bar or a window is not full.

    Attributes
    ----------
    z_score : causal: no value depends on a later bar
    hedge_ratio : the β in force at the bar (Kalman: β before it)
    dollar_ratio : dollars of leg 2 against one of leg 1
    half_life : bars; NaN unless the rule asks for it
    spread : what z_score measures, before division
    """

    values: Float2D

    @property
    def z_score(self) -> Float1D:
        """The z-score."""
        return np.asarray(self.values[k.Z])

    @property
    def hedge_ratio(self) -> Float1D:
        """The hedge ratio."""
        return np.asarray(self.values[k.BETA])

    @property
    def dollar_ratio(self) -> Float1D:
        """The ratio of dollars."""
        return np.asarray(self.values[k.RATIO])

    @property
    def half_life(self) -> Float1D:
        """The half-life."""
        return np.asarray(self.values[k.HALF_LIFE])

    @property
    def spread(self) -> Float1D:
        """The spread's distance from its mean."""
        return np.asarray(self.values[k.SPREAD])


def new_state(rule: Rule) -> Float1D:
    """State of a rule that has seen no bar: what `kernels.step` and `kernels.update_signal` carry along."""
    return k.new_state(rule.lookback)


def compute_signals(y: ArrayLike, x: ArrayLike, rule: Rule, pair: TradedPair) -> Signals:
    """A rule's signal on every bar: a loop over `kernels.update_signal`.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), on the pair's scale, oldest first; NaN = no bar.
    rule, pair : what to compute, and its hedge ratio.

    Raises
    ------
    InvalidInput
        The legs differ in length, or hold an infinite value; the rule needs a hedge ratio that the pair has not.
    TooFewBars
        The legs share fewer bars than the rule's longest window.
    """
    first, second = one_dimension(y, "y"), one_dimension(x, "x")
    if first.size != second.size:
        raise InvalidInput(f"y has {first.size} bars and x has {second.size}; a pair needs them bar for bar")
    if np.isinf(first).any() or np.isinf(second).any():
        raise InvalidInput(f"{pair.name} holds an infinite price: use NaN where there is no bar")
    rule.check_pair(pair)
    shared = int((~np.isnan(first) & ~np.isnan(second)).sum())
    if shared < as_count(rule.lookback, "lookback") + 1:
        raise TooFewBars(
            f"{pair.name} has {shared} bars that both legs have; rule {rule.name} looks back {rule.lookback}: "
            "shorten its windows or load more history"
        )
    out = np.empty((k.N_SIGNAL, first.size))
    k.run_signals(RULES[rule.name], new_state(rule), rule.vector(pair), first, second, out)
    return Signals(out)
