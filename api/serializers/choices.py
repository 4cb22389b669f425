"""The closed vocabularies of the API, named once so that the schema names them too."""

from typing import get_args

from common.audit import ACTIONS
from titan_core.backtesting.walk_forward.choice import Selection
from titan_core.risk import SizingName
from titan_core.simulation import ExitReason, Fill, Side
from titan_core.strategy import RULES
from titan_core.types import FDR, Adjustment, Scale, Timeframe, Trend
from trading.services.backtesting.presets import COST_PRESETS, RULE_CARDS
from trading.services.jobs.queues import QUEUES
from trading.services.jobs.workers import WorkerState

__all__ = [
    "ADJUSTMENT",
    "AUDIT_ACTION",
    "AUTOLAG",
    "COST_MODEL",
    "EXIT_REASON",
    "FDR_METHOD",
    "FILL",
    "KEY_SCOPE",
    "METRIC_UNIT",
    "NOTIFICATION_CHANNEL",
    "PLANTED_KIND",
    "QUEUE",
    "ROLE",
    "RULE",
    "RULE_SETTING",
    "SCALE",
    "SELECTION",
    "SIDE",
    "SIZING",
    "THEME",
    "TIMEFRAME",
    "TREND",
    "UNIVERSE_SOURCE",
    "WORKER_STATE",
]

TIMEFRAME: list[str] = list(get_args(Timeframe))
TREND: list[str] = list(get_args(Trend))
SCALE: list[str] = list(get_args(Scale))
ADJUSTMENT: list[str] = list(get_args(Adjustment))
FDR_METHOD: list[str] = list(get_args(FDR))
AUTOLAG: list[str] = ["aic", "bic", "t-stat"]
PLANTED_KIND: list[str] = ["cointegrated", "breaking"]
UNIVERSE_SOURCE: list[str] = ["demo", "synthetic", "user"]
THEME: list[str] = ["system", "light", "dark"]
ROLE: list[str] = ["viewer", "trader", "admin"]
QUEUE: list[str] = list(QUEUES)
WORKER_STATE: list[str] = [str(state) for state in WorkerState]
KEY_SCOPE: list[str] = ["read", "data", "research", "trade", "admin"]
NOTIFICATION_CHANNEL: list[str] = ["in_app", "webhook", "email"]
AUDIT_ACTION: list[str] = list(ACTIONS)
RULE: list[str] = list(RULES)
RULE_SETTING: list[str] = list(dict.fromkeys(s.name for card in RULE_CARDS for s in card.parameters))
COST_MODEL: list[str] = [preset.id for preset in COST_PRESETS]
SIZING: list[str] = list(get_args(SizingName))
FILL: list[str] = list(get_args(Fill))
SIDE: list[str] = list(get_args(Side))
EXIT_REASON: list[str] = list(get_args(ExitReason))
SELECTION: list[str] = list(get_args(Selection))
METRIC_UNIT: list[str] = ["fraction", "ratio", "money", "bars"]
