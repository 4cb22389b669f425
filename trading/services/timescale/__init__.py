"""What TimescaleDB does for TITAN's tables: hypertables everywhere it is, policies where its edition has them."""

from trading.services.timescale.arranging import HYPERTABLES, arrange
from trading.services.timescale.policies import Ages, policies

__all__ = ["HYPERTABLES", "Ages", "arrange", "policies"]
