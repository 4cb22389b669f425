"""What is known of a security besides its prices."""

from dataclasses import dataclass

__all__ = ["Listing"]


@dataclass(frozen=True, slots=True)
class Listing:
    """A traded security: its ticker, its company's name and sector, the exchange it trades on (a MIC)."""

    ticker: str
    name: str
    sector: str
    exchange: str
