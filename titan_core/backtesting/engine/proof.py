"""Whether a backtest knew the future: run it again without it, and with another one, and name what changed first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.engine.result import BacktestResult
from titan_core.causality import LookAhead, find_look_ahead
from titan_core.data import BarPanel
from titan_core.errors import InvalidInput

__all__ = ["OUTPUTS", "Peek", "find_peek"]

OUTPUTS = ("hedge ratio", "signal", "half-life", "decision", "fill", "equity")
_FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Peek:
    """A backtest that looked ahead.

    Attributes
    ----------
    what : the first of `OUTPUTS` that changed on the earliest bar
    timestamp : of that bar, UTC
    proof : where the future was cut, and both values
    """

    what: str
    timestamp: np.datetime64
    proof: LookAhead

    def __str__(self) -> str:
        return f"the {self.what} of {self.timestamp} knows the future: {self.proof}"


def find_peek(
    run: Callable[[BarPanel], BacktestResult],
    bars: BarPanel,
    *,
    rng: np.random.Generator,
    min_bars: int,
    n_cuts: int = 8,
) -> Peek | None:
    """The first bar whose hedge ratio, signal, decision, fill or equity changes when later bars do, or None.

    Parameters
    ----------
    run : makes a backtest of any bars of these symbols: a function around `backtest_pair`, with ``max_jump`` wide,
        for the other futures leap. Corporate actions stay where they are.
    bars : the true history.
    rng : for cuts and other futures.
    min_bars : fewest bars the backtest accepts.
    n_cuts : places the future is cut at.

    Raises
    ------
    InvalidInput
        As `causality.find_look_ahead`; also a run that opens its account later than the first bar.
    """
    there = [name for name in _FIELDS if getattr(bars, name) is not None]

    def outputs(
        timestamps: npt.NDArray[np.datetime64], *fields: npt.NDArray[np.float64]
    ) -> tuple[object, ...]:
        given = dict(zip(there, fields, strict=True))
        last = timestamps[-1]
        known = tuple(action for action in bars.actions if action.timestamp <= last)
        trial = BarPanel(
            bars.symbols,
            timestamps,
            given.get("open"),
            given.get("high"),
            given.get("low"),
            given["close"],
            given.get("volume"),
            known,
            bars.adjustment,
        )
        result = run(trial)
        if result.equity.size != timestamps.size:
            raise InvalidInput("open the account at the first bar: every bar must have an equity to compare")
        seen = result.signals
        return seen.hedge_ratio, seen.z_score, seen.half_life, result.targets, result.positions, result.equity

    found = find_look_ahead(
        outputs,
        bars.timestamps,
        *(getattr(bars, name) for name in there),
        rng=rng,
        n_cuts=n_cuts,
        min_bars=min_bars,
    )
    return None if found is None else Peek(OUTPUTS[found.output], bars.timestamps[found.bar], found)
