"""Rule, costs, sizing and limits from plain values, refused in words under the name of the field at fault."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from titan_core.backtesting import Range
from titan_core.backtesting.search_space import check_space
from titan_core.errors import InvalidInput
from titan_core.risk import Limits, Sizing
from titan_core.simulation import Borrow, BorrowRate, Commission, Costs, Financing, Impact, Recall
from titan_core.strategy import RULES, Rule
from trading.services.backtesting.presets import RULE_CARDS
from trading.services.refusals import Refusal

__all__ = [
    "costs_of",
    "grid_of",
    "limits_of",
    "longest_rule",
    "plain_costs",
    "ranges_of",
    "rule_of",
    "said",
    "sizing_of",
]

MAX_COMBINATIONS = 100_000
_THRESHOLDS = ("entry_z", "exit_z", "stop_z")  # one alone says nothing: they contradict each other
_RULE_FIELDS = tuple(field.name for field in fields(Rule))
_WHOLE = {field.name for field in fields(Rule) if field.type in (int, "int")}
T = TypeVar("T")


def said(error: Exception) -> str:
    """An engine's message as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _refusing(make: Callable[[], T], field: str, names: tuple[str, ...] = ()) -> T:
    """What `make` makes; the engine's refusal under a field, and under its part where the message begins with one."""
    try:
        return make()
    except InvalidInput as error:
        first = str(error).split(" ", 1)[0]
        raise Refusal(said(error), field=f"{field}.{first}" if first in names else field) from error
    except (TypeError, ValueError) as error:
        raise Refusal(f"These {field} make no sense: {error}.", field=field) from error


def rule_of(name: str, parameters: Mapping[str, Any] | None = None) -> Rule:
    """The rule of a name with these settings; None switches a setting off."""
    if name not in RULES:
        raise Refusal(f"There is no rule {name!r}: choose of {', '.join(RULES)}.", field="rule")
    values = dict(parameters or {})
    values.pop("name", None)
    unknown = sorted(set(values) - set(_RULE_FIELDS))
    if unknown:
        raise Refusal(
            f"A rule has no {', '.join(unknown)}: it has {', '.join(n for n in _RULE_FIELDS if n != 'name')}.",
            field=f"parameters.{unknown[0]}",
        )
    whole = {key: _setting(key, value) for key, value in values.items()}
    return _refusing(lambda: Rule.from_dict({"name": name} | whole), "parameters", _RULE_FIELDS)


def _setting(name: str, value: Any) -> Any:
    """A number as the engine takes it: whole where it counts bars, None where it is off."""
    if value is None:
        if not math.isinf(getattr(Rule(), name)):
            raise Refusal(f"{name} can't be switched off: give it a number.", field=f"parameters.{name}")
        return None
    if name in _WHOLE and float(value).is_integer():
        return int(value)
    return value


def costs_of(values: Mapping[str, Any]) -> Costs:
    """Costs from plain values; what is left out costs nothing."""

    def make() -> Costs:
        told = dict(values)
        parts: dict[str, Any] = {
            name: kind(**_finite(told.pop(name) or {}))
            for name, kind in (("commission", Commission), ("impact", Impact), ("financing", Financing))
            if name in told
        }
        if "borrow" in told:
            borrow = dict(told.pop("borrow") or {})
            rates = tuple(
                BorrowRate(r["symbol"], np.datetime64(r["timestamp"]), r["rate_annual"])
                for r in borrow.pop("rates", ())
            )
            recalls = tuple(
                Recall(r["symbol"], np.datetime64(r["timestamp"])) for r in borrow.pop("recalls", ())
            )
            parts["borrow"] = Borrow(**borrow, rates=rates, recalls=recalls)
        return Costs(**_finite(told), **parts)

    return _refusing(
        make, "costs", ("half_spread_bps", "fill", "lot", "legging_bps", "limit_bps", "expires_after")
    )


def plain_costs(costs: Costs) -> dict[str, Any]:
    """Costs as they are kept."""
    return costs.as_dict()


def sizing_of(values: Mapping[str, Any] | None, *, n_pairs: int = 1) -> Sizing:
    """How large an entry is; by default every pair an equal part of the equity."""
    told = dict(values or {})
    if "fraction" not in told and told.get("name", "fraction") == "fraction":
        told["fraction"] = 1.0 / n_pairs
    return _refusing(lambda: Sizing(**told), "sizing", tuple(field.name for field in fields(Sizing)))


def limits_of(values: Mapping[str, Any] | None) -> Limits:
    """Bounds of a book; None = no bound."""
    return _refusing(lambda: Limits(**_finite(dict(values or {}))), "limits")


def grid_of(values: Mapping[str, Any], rule: Rule) -> dict[str, list[Any]]:
    """Every value of a grid, ranges written out; refused with unknown names, impossible values, too many of them."""
    from titan_core.backtesting.sweep import check_grid

    grid = {name: _axis(name, told) for name, told in values.items()}
    n = math.prod(len(axis) for axis in grid.values())
    if n > MAX_COMBINATIONS:
        raise Refusal(
            f"This grid has {n:,} combinations and at most {MAX_COMBINATIONS:,} are tried: every one makes the best "
            "harder to believe. Take fewer values.",
            field="grid",
        )
    _refusing(lambda: check_grid(grid, rule), "grid", _RULE_FIELDS)
    return grid


def ranges_of(values: Mapping[str, Mapping[str, Any]], rule: Rule) -> dict[str, Range]:
    """Where a search may look, refused with names the rule does not use, ends it does not take, empty ranges."""
    used = [setting.name for card in RULE_CARDS if card.id == rule.name for setting in card.parameters]
    space: dict[str, Range] = {}
    for name, told in values.items():
        field = f"ranges.{name}"
        if name not in used:
            raise Refusal(f"Rule {rule.name} has no {name}: choose of {', '.join(used)}.", field=field)
        space[name] = _refusing(partial(_range, told), field)
        if name not in _THRESHOLDS:
            ends = (_setting(name, space[name].low), _setting(name, space[name].high))
            for end in ends:
                _refusing(partial(replace, rule, **{name: end}), field)
    _refusing(lambda: check_space(space, rule), "ranges", _RULE_FIELDS)
    return space


def _range(told: Mapping[str, Any]) -> Range:
    step = told.get("step")
    return Range(
        float(told["from"]), float(told["to"]), bool(told.get("log")), None if step is None else float(step)
    )


def longest_rule(rule: Rule, grid: Mapping[str, list[Any]]) -> Rule:
    """The rule with the longest windows of the grid: what must fit before the first decision."""
    told: dict[str, Any] = {
        name: max(int(value) for value in grid[name])
        for name in ("window", "hedge_window", "half_life_window")
        if name in grid
    }
    if "hedge_window" in told and 0 in grid["hedge_window"]:
        told.pop("hedge_window")  # some of them need the frozen hedge ratio
    return replace(rule, **told)


def _axis(name: str, told: Any) -> list[Any]:
    if name not in _RULE_FIELDS or name == "name":
        raise Refusal(
            f"A rule has no {name}: choose of {', '.join(n for n in _RULE_FIELDS if n != 'name')}.",
            field=f"grid.{name}",
        )
    if isinstance(told, Mapping):
        told = np.linspace(told["from"], told["to"], told["n"]).round(12).tolist()
        if name in _WHOLE:
            told = [round(value) for value in told]
    values = [_setting(name, value) for value in told]
    return list(dict.fromkeys(math.inf if value is None else value for value in values))


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """None as infinity, which JSON can't hold."""
    return {name: math.inf if value is None else value for name, value in values.items()}
