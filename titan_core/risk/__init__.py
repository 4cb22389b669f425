"""Risk: how large a position is, and how much a book may hold."""

from titan_core.risk.limits import Limits
from titan_core.risk.sizing import Sizing, SizingName, spread_volatility

__all__ = ["Limits", "Sizing", "SizingName", "spread_volatility"]
