"""Backtesting: the past replayed as it would have been traded, and what its result is worth."""
