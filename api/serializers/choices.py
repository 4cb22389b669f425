"""The closed vocabularies of the API, named once so that the schema names them too."""

from typing import get_args

from common.audit import ACTIONS
from titan_core.types import FDR, Adjustment, Scale, Timeframe, Trend

__all__ = [
    "ADJUSTMENT",
    "AUDIT_ACTION",
    "AUTOLAG",
    "FDR_METHOD",
    "KEY_SCOPE",
    "NOTIFICATION_CHANNEL",
    "PLANTED_KIND",
    "ROLE",
    "SCALE",
    "THEME",
    "TIMEFRAME",
    "TREND",
    "UNIVERSE_SOURCE",
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
KEY_SCOPE: list[str] = ["read", "data", "research", "trade", "admin"]
NOTIFICATION_CHANNEL: list[str] = ["in_app", "webhook", "email"]
AUDIT_ACTION: list[str] = list(ACTIONS)
