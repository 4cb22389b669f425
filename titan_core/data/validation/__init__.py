"""What bars must satisfy before they are stored, and words for what does not."""

from titan_core.data.validation.check import Actions, CheckedBars, check_bars, resolve_adjustment

__all__ = ["Actions", "CheckedBars", "check_bars", "resolve_adjustment"]
