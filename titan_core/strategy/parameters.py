"""What a rule can be told, checked once, and its form as a vector for the compiled brain."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from titan_core.checks import as_choice, as_count, as_number
from titan_core.errors import InvalidInput
from titan_core.strategy import kernels as k
from titan_core.types import Float1D, Scale

__all__ = ["RULES", "Rule", "RuleName", "TradedPair"]

RuleName: TypeAlias = Literal["rolling", "ewma", "kalman", "ou"]
RULES: dict[RuleName, int] = {"rolling": k.ROLLING, "ewma": k.EWMA, "kalman": k.KALMAN, "ou": k.OU}
_WHOLE = ("window", "hedge_window", "half_life_window", "time_stop", "cooldown", "rebalance_every")
_VARIANCES = ("beta_variance", "level_variance", "noise_variance")


@dataclass(frozen=True, slots=True)
class TradedPair:
    """A pair as it is traded: symbol_1 = hedge_ratio · symbol_2 + spread.

    Attributes
    ----------
    symbol_1, symbol_2 : str
        Long the spread is long symbol_1 and short symbol_2.
    hedge_ratio : float or None
        Fitted before the first decision; on logs a ratio of dollars, on prices one of (total-return) shares. None where
        the rule estimates it by itself (``hedge_window`` > 0, or Kalman).
    intercept : float; kept for the record, no rule needs it.
    scale : "log" or "price"
    """

    symbol_1: str
    symbol_2: str
    hedge_ratio: float | None = None
    intercept: float = 0.0
    scale: Scale = "log"

    def __post_init__(self) -> None:
        """Two different symbols and a ratio above zero, or none."""
        if self.symbol_1 == self.symbol_2:
            raise InvalidInput(f"a pair of {self.symbol_1} with itself has no spread: name two symbols")
        as_choice(self.scale, "scale", get_args(Scale))
        as_number(self.intercept, "intercept")
        if self.hedge_ratio is not None and as_number(self.hedge_ratio, "hedge_ratio") <= 0.0:
            raise InvalidInput(
                f"hedge_ratio of {self.name} is {self.hedge_ratio}: both legs would be on one side; "
                "a pair needs a ratio above 0"
            )

    @property
    def name(self) -> str:
        """Both symbols, dependent first."""
        return f"{self.symbol_1}/{self.symbol_2}"

    @classmethod
    def of(cls, pair: "TradedPair | tuple[str, str]") -> "TradedPair":
        """The pair itself, or one of two symbols."""
        if isinstance(pair, TradedPair):
            return pair
        if isinstance(pair, str) or len(pair) != 2:
            raise InvalidInput(f"a pair is two symbols or a TradedPair; got {pair!r}")
        return cls(*pair)


@dataclass(frozen=True, slots=True)
class Rule:
    r"""When a pair's spread is bought, sold and left.

    Attributes
    ----------
    name : "rolling", "ewma", "kalman" or "ou"
        How the spread becomes a z-score. rolling: against mean and deviation of the last ``window`` spreads; ewma:
        exponentially weighted ones, span ``window``; kalman: the filter's innovation over its deviation, β before the
        bar; ou: distance from the mean of an AR(1) fitted to the last ``window`` spreads, in its stationary deviations.
    window : bars, at least 5
    hedge_window : bars of the rolling least-squares hedge ratio; 0 = the pair's own, frozen. Not for kalman.
    entry_z, exit_z : enter where \\|z\\| >= entry_z, leave where z has come back to exit_z (below 0: beyond the mean)
    stop_z : leave, and do not enter, where \\|z\\| >= stop_z
    stop_loss, take_profit : leave where the trade has lost or made this fraction of its gross value at entry
    time_stop : leave after so many decisions in the trade; 0 = never
    cooldown : decisions to let pass after a trade; 0 = none
    max_half_life, half_life_window : enter only where the half-life over that window (0 = ``window``) is not longer
    rebalance_every : while in the trade, trade back to the current hedge ratio every so many decisions, at the usual
        costs; 0 = shares and β stay as at entry
    beta_variance, level_variance, noise_variance : of the Kalman filter's random walks and observations, per bar

    Raises
    ------
    InvalidInput
        A value alone is impossible, or two contradict each other; the message names them.
    """

    name: RuleName = "rolling"
    window: int = 60
    hedge_window: int = 0
    entry_z: float = 2.0
    exit_z: float = 0.5
    stop_z: float = math.inf
    stop_loss: float = math.inf
    take_profit: float = math.inf
    time_stop: int = 0
    cooldown: int = 0
    max_half_life: float = math.inf
    half_life_window: int = 0
    rebalance_every: int = 0
    beta_variance: float = 1e-6
    level_variance: float = 1e-7
    noise_variance: float = 1e-4

    def __post_init__(self) -> None:
        """Each value alone, then those that meet."""
        as_choice(self.name, "name", get_args(RuleName))
        for name in _WHOLE:
            as_count(getattr(self, name), name)
        for name in _VARIANCES:
            if as_number(getattr(self, name), name) < 0.0:
                raise InvalidInput(f"{name} is {getattr(self, name)}: a variance can't be negative")
        if self.noise_variance == 0.0:
            raise InvalidInput("noise_variance is 0: the filter would divide by it; give it some noise")
        for name in ("window", "hedge_window", "half_life_window"):
            if 0 < getattr(self, name) < 5 or (name == "window" and self.window < 5):
                raise InvalidInput(f"{name} is {getattr(self, name)}: at least 5 bars are needed")
        if self.name == "kalman" and self.hedge_window:
            raise InvalidInput(
                "hedge_window has no meaning for kalman, which filters its hedge ratio: leave it 0"
            )
        self._check_thresholds()

    def _check_thresholds(self) -> None:
        """Entry, exit and stops in an order that makes sense."""
        entry, leave = as_number(self.entry_z, "entry_z"), as_number(self.exit_z, "exit_z")
        if entry <= 0.0:
            raise InvalidInput(f"entry_z is {entry}: it must be above 0")
        if not -entry < leave < entry:
            raise InvalidInput(
                f"exit_z {leave} is not between -entry_z and entry_z ({entry}): a trade would be left as it is entered"
            )
        if not self.stop_z > entry:
            raise InvalidInput(
                f"stop_z {self.stop_z} is not above entry_z {entry}: no trade could be entered"
            )
        for name in ("stop_loss", "take_profit", "max_half_life"):
            if not getattr(self, name) > 0.0:
                raise InvalidInput(f"{name} is {getattr(self, name)}: it must be above 0 (infinity = off)")

    @property
    def wants_half_life(self) -> bool:
        """Whether entries wait for a short half-life."""
        return math.isfinite(self.max_half_life)

    @property
    def lookback(self) -> int:
        """Bars before the first z-score."""
        gate = (self.half_life_window or self.window) if self.wants_half_life else 0
        return max(self.window, self.hedge_window, gate)

    def vector(self, pair: TradedPair) -> Float1D:
        """All parameters as the kernels read them, shape (N_PARAMETERS,)."""
        p = np.zeros(k.N_PARAMETERS)
        p[k.P_WINDOW], p[k.P_HEDGE_WINDOW] = self.window, self.hedge_window
        p[k.P_HALF_LIFE_WINDOW] = self.half_life_window or self.window
        p[k.P_HEDGE_RATIO] = 1.0 if pair.hedge_ratio is None else pair.hedge_ratio
        p[k.P_INTERCEPT], p[k.P_IS_LOG] = pair.intercept, float(pair.scale == "log")
        p[k.P_WANTS_HALF_LIFE] = float(self.wants_half_life)
        p[k.P_BETA_VARIANCE], p[k.P_LEVEL_VARIANCE] = self.beta_variance, self.level_variance
        p[k.P_NOISE_VARIANCE] = self.noise_variance
        p[k.P_ENTRY], p[k.P_EXIT], p[k.P_STOP_Z] = self.entry_z, self.exit_z, self.stop_z
        p[k.P_STOP_LOSS], p[k.P_TAKE_PROFIT] = self.stop_loss, self.take_profit
        p[k.P_TIME_STOP], p[k.P_COOLDOWN] = self.time_stop, self.cooldown
        p[k.P_MAX_HALF_LIFE], p[k.P_REBALANCE] = self.max_half_life, self.rebalance_every
        return p

    def check_pair(self, pair: TradedPair) -> None:
        """Refuse a pair without hedge ratio where this rule estimates none."""
        if pair.hedge_ratio is None and not self.hedge_window and self.name != "kalman":
            raise InvalidInput(
                f"{pair.name} has no hedge ratio and rule {self.name} estimates none: give the pair one fitted before "
                "the first decision, or set hedge_window"
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, infinity as None; `from_dict` makes an equal rule."""
        return {name: None if value in (math.inf,) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Rule":
        """The rule that `as_dict` wrote.

        Raises
        ------
        InvalidInput
            A name that no rule has.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise InvalidInput(f"a rule has no {', '.join(unknown)}: it has {', '.join(sorted(known))}")
        settings: dict[str, Any] = {n: math.inf if v is None else v for n, v in values.items()}
        return cls(**settings)
