"""Where a search may look: ranges and choices of a rule's settings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from titan_core.backtesting.sweep import check_setting
from titan_core.errors import InvalidInput
from titan_core.strategy.parameters import Rule

if TYPE_CHECKING:
    from optuna.trial import Trial

__all__ = ["CONTRADICTION", "Range", "check_space", "is_whole", "suggested"]

CONTRADICTION = (
    "every point contradicts itself: exit_z must lie between -entry_z and entry_z, stop_z above entry_z"
)


@dataclass(frozen=True, slots=True)
class Range:
    """Every value from low to high, both included; whole numbers where the rule takes whole numbers.

    Attributes
    ----------
    low, high : the ends; with a step the last value is the last step that is not above high
    is_log : whether halving and doubling are as far from each other everywhere
    step : distance of the values from low on; None = every value

    Raises
    ------
    InvalidInput
        An end is not finite, low is not below high, a logarithmic range does not begin above 0 or has a step, or a
        step is not above 0 and within the range.
    """

    low: float
    high: float
    is_log: bool = False
    step: float | None = None

    def __post_init__(self) -> None:
        """Refuse a range with nothing inside."""
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InvalidInput(
                f"a range goes from a finite low to a higher high, not {self.low} to {self.high}"
            )
        if self.is_log and self.low <= 0:
            raise InvalidInput(f"a logarithmic range begins above 0, not at {self.low}")
        if self.step is None:
            return
        if self.is_log:
            raise InvalidInput("a logarithmic range has no step: leave out one of the two")
        if not 0.0 < self.step <= self.high - self.low:
            raise InvalidInput(
                f"the step of a range is above 0 and at most {self.high - self.low}, not {self.step}"
            )


def check_space(space: Mapping[str, Range | Sequence[Any]], rule: Rule) -> None:
    """Refuse names no rule has, values no rule takes and spaces of contradictions, before any bar is read."""
    known = {field.name for field in fields(Rule)}
    if not space:
        raise InvalidInput("the space names nothing: give at least one setting and its range")
    for name, values in space.items():
        if name not in known:
            raise InvalidInput(f"a rule has no {name}: choose of {', '.join(sorted(known))}")
        if isinstance(values, Range):
            _check_range(name, values)
        elif not len(values):
            raise InvalidInput(f"the space has no value of {name}: give at least one")
        for value in (values.low, values.high) if isinstance(values, Range) else values:
            check_setting(name, int(value) if is_whole(name) and float(value).is_integer() else value)
    if not _has_a_point(space, rule):
        raise InvalidInput(CONTRADICTION)


def _check_range(name: str, values: Range) -> None:
    """Refuse a range of a setting that takes none, and parts of bars."""
    if name == "name":
        raise InvalidInput("name takes values, not a range")
    told = (values.low, values.high, 1.0 if values.step is None else values.step)
    if is_whole(name) and not all(float(value).is_integer() for value in told):
        raise InvalidInput(f"{name} takes whole numbers")


def _has_a_point(space: Mapping[str, Range | Sequence[Any]], rule: Rule) -> bool:
    """Whether some thresholds within the space do not contradict each other."""

    def ends(name: str) -> tuple[float, float]:
        values = space.get(name, [getattr(rule, name)])
        return (values.low, values.high) if isinstance(values, Range) else (min(values), max(values))

    leave = min(max(0.0, ends("exit_z")[0]), ends("exit_z")[1])
    least, most = ends("entry_z")
    return most > abs(leave) and ends("stop_z")[1] > max(least, abs(leave))


def is_whole(name: str) -> bool:
    """Whether a setting counts bars."""
    return isinstance(getattr(Rule(), name), int)


def suggested(trial: "Trial", name: str, values: Range | Sequence[Any]) -> Any:
    """The value of a setting that a trial's sampler chose."""
    if not isinstance(values, Range):
        return values[trial.suggest_categorical(name, range(len(values)))]
    if values.step is not None:
        n = math.floor((values.high - values.low) / values.step + 1e-9)
        value = values.low + trial.suggest_int(name, 0, n) * values.step
        return round(value) if is_whole(name) else round(value, 12)
    if is_whole(name):
        return trial.suggest_int(name, int(values.low), int(values.high), log=values.is_log)
    return trial.suggest_float(name, float(values.low), float(values.high), log=values.is_log)
