"""What a form offers: rules with their settings in words, and ready-made models of cost."""

import math
from dataclasses import dataclass, field
from typing import Any

from titan_core.strategy import Rule

__all__ = ["COST_PRESETS", "RULE_CARDS", "CostPreset", "RuleCard", "Setting", "preset_named"]


@dataclass(frozen=True, slots=True)
class CostPreset:
    """A ready-made model of costs; ``needs`` says what the bars must have."""

    id: str
    title: str
    description: str
    costs: dict[str, Any]
    needs: tuple[str, ...] = ()


COST_PRESETS: tuple[CostPreset, ...] = (
    CostPreset(
        "index",
        "Basis points, any bars",
        "Fills at the next close; half-spread 2 bps, commission 1 bp, borrow 0.5 % a year. Works on total-return bars.",
        {"half_spread_bps": 2.0, "commission": {"bps": 1.0}, "borrow": {"rate_annual": 0.005}},
    ),
    CostPreset(
        "retail",
        "Retail broker",
        "Fills at the next open in whole shares; half-spread 3 bps, $0.005 a share and $1 at least, borrow 1 %, debit "
        "interest 6 %.",
        {
            "fill": "next_open",
            "half_spread_bps": 3.0,
            "commission": {"per_share": 0.005, "minimum": 1.0},
            "borrow": {"rate_annual": 0.01},
            "financing": {"debit_rate_annual": 0.06},
            "lot": 1.0,
        },
        ("raw", "open"),
    ),
    CostPreset(
        "institutional",
        "Institutional, with impact",
        "Fills at the next open; half-spread 1 bp, commission 0.5 bp, square-root impact and at most 5 % of the "
        "volume, borrow 0.4 %.",
        {
            "fill": "next_open",
            "half_spread_bps": 1.0,
            "commission": {"bps": 0.5},
            "impact": {"coefficient": 1.0, "participation": 0.05},
            "borrow": {"rate_annual": 0.004},
        },
        ("raw", "open", "volume"),
    ),
    CostPreset(
        "free",
        "No costs at all",
        "What the signal alone earns. Nobody gets this.",
        {},
    ),
)


def preset_named(name: str) -> CostPreset:
    """The preset of this id; `KeyError` where there is none."""
    return {preset.id: preset for preset in COST_PRESETS}[name]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a rule, as a form or slider needs it; ``default`` None = off."""

    name: str
    title: str
    unit: str
    minimum: float
    maximum: float
    step: float
    help: str
    integer: bool = False
    advanced: bool = False

    @property
    def default(self) -> float | None:
        """The engine's own."""
        value = float(getattr(Rule(), self.name))
        return value if math.isfinite(value) else None

    @property
    def can_be_off(self) -> bool:
        """Whether null is a value of it."""
        return self.default is None


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule and its settings."""

    id: str
    title: str
    description: str
    parameters: tuple[Setting, ...] = field(default_factory=tuple)


_WINDOW = Setting(
    "window", "Window", "bars", 5, 250, 1, "Bars the mean and deviation are taken of.", integer=True
)
_THRESHOLDS = (
    Setting("entry_z", "Entry", "deviations", 0.5, 5, 0.05, "Enter where the spread is so many deviations away."),
    Setting("exit_z", "Exit", "deviations", -2, 3, 0.05, "Leave where it has come back to so many; below entry."),
    Setting("stop_z", "Stop at z", "deviations", 1, 10, 0.1, "Leave, and do not enter, where it is so far away."),
    Setting("stop_loss", "Stop-loss", "fraction", 0.005, 0.5, 0.005, "Leave at this loss of the gross value at entry."),
    Setting("take_profit", "Take-profit", "fraction", 0.005, 0.5, 0.005, "Leave at this gain."),
    Setting("time_stop", "Time stop", "bars", 0, 250, 1, "Leave after so many bars; 0 = never.", integer=True),
    Setting("cooldown", "Cooldown", "bars", 0, 60, 1, "Bars to let pass after a trade; 0 = none.", integer=True),
    Setting(
        "max_half_life", "Longest half-life", "bars", 1, 250, 1, "Enter only where the spread reverts as fast.",
        advanced=True,
    ),
    Setting(
        "half_life_window", "Half-life window", "bars", 0, 500, 1, "Bars of it; 0 = the window.", integer=True,
        advanced=True,
    ),
    Setting(
        "rebalance_every", "Rebalance every", "bars", 0, 60, 1, "Trade back to the hedge ratio in a trade; 0 = never.",
        integer=True, advanced=True,
    ),
)  # fmt: skip
_HEDGE = Setting(
    "hedge_window", "Rolling hedge", "bars", 0, 500, 1, "Least-squares hedge ratio of so many bars; 0 = frozen.",
    integer=True, advanced=True,
)  # fmt: skip
_KALMAN = (
    Setting("beta_variance", "Hedge ratio's variance", "variance", 1e-9, 1e-3, 1e-7, "Of its walk.", advanced=True),
    Setting("level_variance", "Level's variance", "variance", 1e-9, 1e-3, 1e-7, "Of its walk.", advanced=True),
    Setting("noise_variance", "Noise", "variance", 1e-8, 1e-1, 1e-5, "Of what is seen.", advanced=True),
)  # fmt: skip

RULE_CARDS: tuple[RuleCard, ...] = (
    RuleCard(
        "rolling",
        "Rolling z-score",
        "The spread against mean and deviation of the last bars.",
        (_WINDOW, *_THRESHOLDS, _HEDGE),
    ),
    RuleCard(
        "ewma",
        "Exponential z-score",
        "As the rolling one, recent bars counting more.",
        (_WINDOW, *_THRESHOLDS, _HEDGE),
    ),
    RuleCard(
        "kalman",
        "Kalman filter",
        "The hedge ratio walks; the z-score is how much the next bar surprises the filter.",
        (_WINDOW, *_THRESHOLDS, *_KALMAN),
    ),
    RuleCard(
        "ou",
        "Ornstein-Uhlenbeck",
        "Distance from the mean of a reverting process fitted to the last bars; nothing where it does not revert.",
        (_WINDOW, *_THRESHOLDS, _HEDGE),
    ),
)
