"""Everything that decides a walk-forward but the bars, checked before anything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from titan_core.backtesting.sweep import check_grid
from titan_core.backtesting.walk_forward.choice import Choice
from titan_core.backtesting.walk_forward.windows import Schedule
from titan_core.checks import as_number
from titan_core.errors import InvalidInput
from titan_core.risk.sizing import Sizing
from titan_core.simulation.costs import Costs, Delisting
from titan_core.strategy.parameters import Rule

__all__ = ["Plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a walk-forward but the bars.

    Attributes
    ----------
    schedule : Schedule
    grid : names of `Rule` fields, each with the values to try in every window
    costs : Costs
    capital : money at the first traded bar
    choice : Choice, how a window's scan becomes pairs
    rule : what the grid does not name
    sizing : of each pair, as a fraction of its share of the account
    delistings : symbols that cease to trade for good
    max_jump : largest move of a close in one bar that no split explains
    periods_per_year : by calendar
    """

    schedule: Schedule
    grid: Mapping[str, Sequence[Any]]
    costs: Costs
    capital: float
    choice: Choice = field(default_factory=Choice)
    rule: Rule = field(default_factory=Rule)
    sizing: Sizing = field(default_factory=Sizing)
    delistings: tuple[Delisting, ...] = ()
    max_jump: float = 0.85
    periods_per_year: float = 252.0

    def __post_init__(self) -> None:
        """There is money, and the schedule leaves room for the rules tried."""
        if as_number(self.capital, "capital") <= 0.0:
            raise InvalidInput(f"capital is {self.capital}: a walk-forward needs money above 0")
        if self.sizing.name == "kelly":
            raise InvalidInput(
                "kelly sizes by each rule's own past, which a sweep has not: choose another sizing"
            )
        check_grid(self.grid, self.rule)
        longest = self._largest("window", "hedge_window", "half_life_window")
        if self.schedule.embargo < longest:
            raise InvalidInput(
                f"embargo is {self.schedule.embargo} bars and the rules tried look back {longest}: signals in the test "
                "would read bars the choice was made on; make it as long"
            )
        if self.schedule.purge == 0 and 0 in self.grid.get("time_stop", (self.rule.time_stop,)):
            raise InvalidInput(
                "purge is 0 and a rule without time_stop may hold a trade for any time: give a purge (60 bars, say) "
                "or a time_stop"
            )
        holding = self._largest("time_stop")
        if self.schedule.purge < holding:
            raise InvalidInput(
                f"purge is {self.schedule.purge} bars and trades may be held {holding}: make it as long"
            )

    def gone_by(self, moment: np.datetime64) -> frozenset[str]:
        """Symbols that are known to trade no more once a bar of this timestamp is known."""
        return frozenset(d.symbol for d in self.delistings if d.timestamp <= moment)

    def _largest(self, *names: str) -> int:
        """Largest value tried: the grid's where it names the setting, else the rule's."""
        return max(int(v) for name in names for v in self.grid.get(name, (getattr(self.rule, name),)))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "schedule": asdict(self.schedule),
            "grid": {name: [_plain(v) for v in values] for name, values in self.grid.items()},
            "costs": self.costs.as_dict(),
            "capital": self.capital,
            "choice": self.choice.as_dict(),
            "rule": self.rule.as_dict(),
            "sizing": self.sizing.as_dict(),
            "delistings": [[d.symbol, str(d.timestamp), d.value] for d in self.delistings],
            "max_jump": self.max_jump,
            "periods_per_year": self.periods_per_year,
        }


def _plain(value: Any) -> Any:
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and np.isinf(number) else number
