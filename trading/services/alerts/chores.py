"""What alerts need by the clock."""

from datetime import datetime

from trading.services.alerts.delivery import send_due

__all__ = ["send_waiting"]


def send_waiting(now: datetime) -> None:
    """Start the deliveries whose next try is due."""
    send_due(now)
