"""How large a position is: a fraction of equity for both legs together, known when the order is decided."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from titan_core.checks import as_choice, as_count, as_number
from titan_core.errors import InvalidInput
from titan_core.types import Float1D

__all__ = ["Sizing", "SizingName", "spread_volatility"]

SizingName: TypeAlias = Literal["fraction", "equal_risk", "volatility_target", "kelly"]
_LEAST = 20  # changes of the spread before its deviation is believed


@dataclass(frozen=True, slots=True)
class Sizing:
    """Gross value of an entry as a fraction of equity.

    Attributes
    ----------
    name : "fraction", "equal_risk", "volatility_target" or "kelly"
        fraction: always ``fraction``. equal_risk: ``risk`` / σ, where σ is the deviation of one bar's return on the
        pair's gross value, so that every position risks the same fraction of equity a bar. volatility_target: the same
        with ``risk`` a year. kelly: ``kelly_share`` · μ/σ² of the pair's past returns a bar while the rule was in it,
        at most ``most``; nothing before ``least_bars`` such bars or where μ <= 0.
    most : no entry is larger than this, whatever the rest says
    window : bars σ is taken of
    """

    name: SizingName = "fraction"
    fraction: float = 1.0
    risk: float = 0.01
    kelly_share: float = 0.25
    most: float = 2.0
    window: int = 60
    least_bars: int = 60

    def __post_init__(self) -> None:
        """Fractions above zero."""
        as_choice(self.name, "name", get_args(SizingName))
        for name in ("fraction", "risk", "kelly_share", "most"):
            if as_number(getattr(self, name), name) <= 0.0:
                raise InvalidInput(f"{name} is {getattr(self, name)}: it must be above 0")
        as_count(self.window, "window", minimum=_LEAST)
        as_count(self.least_bars, "least_bars", minimum=2)
        if self.kelly_share > 1.0:
            raise InvalidInput(
                f"kelly_share is {self.kelly_share}: more than all of Kelly's bet loses growth and safety"
            )
        if self.name == "fraction" and self.fraction > self.most:
            raise InvalidInput(
                f"fraction {self.fraction} is over most {self.most}: raise the limit or take less"
            )

    def sizes(self, pair_returns: Float1D, in_trade: Float1D, periods_per_year: float) -> Float1D:
        """The fraction for an entry decided at each close; 0 where none can be told yet.

        Parameters
        ----------
        pair_returns : ndarray of shape (n_bars,), return on gross value of holding the spread long over each bar,
            hedged as of the bar before; NaN where there is none
        in_trade : ndarray of shape (n_bars,), side (+1, 0, -1) in which the rule would have stood over that bar
        """
        n = pair_returns.size
        if self.name == "fraction":
            return np.full(n, self.fraction)
        if self.name == "kelly":
            return self._kelly(pair_returns * in_trade, in_trade)
        sigma = spread_volatility(pair_returns, self.window)
        a_bar = self.risk if self.name == "equal_risk" else self.risk / math.sqrt(periods_per_year)
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes = np.minimum(a_bar / sigma, self.most)
        return np.where(np.isfinite(sizes) & (sigma > 0.0), sizes, 0.0)

    def _kelly(self, earned: Float1D, in_trade: Float1D) -> Float1D:
        """Share of μ/σ² over all earlier bars in a trade."""
        held = (in_trade != 0.0) & ~np.isnan(earned)
        gains = np.where(held, earned, 0.0)
        count = np.cumsum(held)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.cumsum(gains) / count
            variance = np.cumsum(gains**2) / count - mean**2
            bet = self.kelly_share * mean / variance
        sizes = np.minimum(np.where(np.isfinite(bet), bet, 0.0), self.most)
        return np.where((count >= self.least_bars) & (sizes > 0.0), sizes, 0.0)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def spread_volatility(pair_returns: Float1D, window: int) -> Float1D:
    """Sample deviation of the last ``window`` values that are there, this bar's among them; NaN with fewer than 20.

    Parameters
    ----------
    pair_returns : ndarray of shape (n_bars,), NaN = none
    """
    there = np.flatnonzero(~np.isnan(pair_returns))
    out = np.full(pair_returns.size, np.nan)
    values = pair_returns[there]
    for i in range(_LEAST - 1, values.size):
        out[there[i]] = values[max(0, i + 1 - window) : i + 1].std(ddof=1)
    # a bar without a return knows what the last one with a return knew
    last = np.maximum.accumulate(np.where(np.isnan(out), -1, np.arange(out.size)))
    return np.where(last >= 0, out[np.maximum(last, 0)], np.nan)
