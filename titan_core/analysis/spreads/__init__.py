"""Spreads of a pair: the spread itself, its half-life, its causal z-score."""

from titan_core.analysis.spreads.mean_reversion import half_life, rolling_z_score, spread

__all__ = ["half_life", "rolling_z_score", "spread"]
