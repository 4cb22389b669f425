"""Every table of the trading domain, one module a topic."""

from trading.models.alerts import (
    Alert,
    AlertChannel,
    AlertDefaults,
    AlertDelivery,
    AlertKind,
    AlertRule,
    ChannelKind,
    DeliveryStatus,
    Severity,
)
from trading.models.backtesting import (
    BacktestKind,
    BacktestResult,
    BacktestRun,
    BacktestTrade,
    EquityPoint,
    Strategy,
    Sweep,
    Trial,
    TrialSource,
    WalkForwardRun,
    WalkForwardWindow,
)
from trading.models.ingestions import Ingestion, QuarantinedBar
from trading.models.job_parts import JobPart, PartState
from trading.models.jobs import Job, JobKind, JobStatus, JobTally
from trading.models.layouts import TableLayout
from trading.models.pairs import TradingPair
from trading.models.prices import (
    Adjustment,
    CorporateAction,
    Price,
    PriceRevision,
    PriceWrites,
    Series,
    Timeframe,
)
from trading.models.scans import Scan, ScanCandidate
from trading.models.shares import Share, ShareKind
from trading.models.signals import Signal, SignalState
from trading.models.symbols import AssetClass, PlantedPair, Symbol, Universe
from trading.models.watches import Watch
from trading.models.workers import Worker

__all__ = [
    "Adjustment",
    "Alert",
    "AlertChannel",
    "AlertDefaults",
    "AlertDelivery",
    "AlertKind",
    "AlertRule",
    "AssetClass",
    "BacktestKind",
    "BacktestResult",
    "BacktestRun",
    "BacktestTrade",
    "ChannelKind",
    "CorporateAction",
    "DeliveryStatus",
    "EquityPoint",
    "Ingestion",
    "Job",
    "JobKind",
    "JobPart",
    "JobStatus",
    "JobTally",
    "PartState",
    "PlantedPair",
    "Price",
    "PriceRevision",
    "PriceWrites",
    "QuarantinedBar",
    "Scan",
    "ScanCandidate",
    "Series",
    "Severity",
    "Share",
    "ShareKind",
    "Signal",
    "SignalState",
    "Strategy",
    "Sweep",
    "Symbol",
    "TableLayout",
    "Timeframe",
    "TradingPair",
    "Trial",
    "TrialSource",
    "Universe",
    "WalkForwardRun",
    "WalkForwardWindow",
    "Watch",
    "Worker",
]
