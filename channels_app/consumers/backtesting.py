"""``/ws/backtesting/``: progress of long computations."""

from channels_app.consumers.base import TitanConsumer

__all__ = ["BacktestingConsumer"]


class BacktestingConsumer(TitanConsumer):
    """Progress of jobs."""

    door = "backtesting"
    targets = ("job_id",)
