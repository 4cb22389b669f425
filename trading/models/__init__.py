"""Every table of the trading domain, one module a topic."""

from trading.models.ingestions import Ingestion, QuarantinedBar
from trading.models.jobs import Job, JobKind, JobStatus
from trading.models.pairs import TradingPair
from trading.models.prices import Adjustment, CorporateAction, Price, PriceRevision, Series, Timeframe
from trading.models.scans import Scan, ScanCandidate
from trading.models.signals import Signal
from trading.models.symbols import AssetClass, PlantedPair, Symbol, Universe

__all__ = [
    "Adjustment",
    "AssetClass",
    "CorporateAction",
    "Ingestion",
    "Job",
    "JobKind",
    "JobStatus",
    "PlantedPair",
    "Price",
    "PriceRevision",
    "QuarantinedBar",
    "Scan",
    "ScanCandidate",
    "Series",
    "Signal",
    "Symbol",
    "Timeframe",
    "TradingPair",
    "Universe",
]
