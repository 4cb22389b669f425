"""The three doors."""

from channels_app.consumers.backtesting import BacktestingConsumer
from channels_app.consumers.signals import SignalConsumer
from channels_app.consumers.trading_data import TradingDataConsumer

__all__ = ["BacktestingConsumer", "SignalConsumer", "TradingDataConsumer"]
