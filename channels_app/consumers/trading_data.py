"""``/ws/trading-data/``: jobs, pairs and the user's own stream."""

from channels_app.consumers.base import TitanConsumer

__all__ = ["TradingDataConsumer"]


class TradingDataConsumer(TitanConsumer):
    """The door the application keeps open: progress of jobs, news of pairs."""

    door = "trading-data"
    targets = ("job_id", "pair_id")
