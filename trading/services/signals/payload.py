"""The JSON of a signal: one function, for the REST API and the sockets alike."""

from typing import TypedDict

from common.events import instant
from trading.models import Signal

__all__ = ["SignalPayload", "signal_payload"]


class SignalPayload(TypedDict):
    """A signal as clients see it."""

    id: int
    pair: int
    symbol_1: str
    symbol_2: str
    timestamp: str | None
    signal_type: str
    z_score: float
    spread_value: float
    confidence_score: float | None
    n_past: int
    in_sample: bool
    regime: str
    processed: bool


def signal_payload(signal: Signal) -> SignalPayload:
    """`signal` as JSON; its pair with both symbols must be at hand."""
    return {
        "id": signal.pk,
        "pair": signal.pair_id,
        "symbol_1": signal.pair.symbol_1.ticker,
        "symbol_2": signal.pair.symbol_2.ticker,
        "timestamp": instant(signal.timestamp),
        "signal_type": str(signal.signal_type),
        "z_score": signal.z_score,
        "spread_value": signal.spread_value,
        "confidence_score": signal.confidence_score,
        "n_past": signal.n_past,
        "in_sample": signal.in_sample,
        "regime": signal.regime,
        "processed": signal.processed,
    }
