"""Prices: panels, corporate actions, storage, calendars, and the universes TITAN ships with."""

from titan_core.data.actions import CorporateAction
from titan_core.data.panels import BarPanel, PricePanel

__all__ = ["BarPanel", "CorporateAction", "PricePanel"]
