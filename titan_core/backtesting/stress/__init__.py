"""How else it could have gone: the run's own bars and trades in other orders."""

from titan_core.backtesting.stress.monte_carlo import Stress, resampled_bars, shuffled_trades

__all__ = ["Stress", "resampled_bars", "shuffled_trades"]
