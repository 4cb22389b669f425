"""Everything the engine can refuse, in one tree; each message is written for the person who must act on it."""

__all__ = [
    "Cancelled",
    "CollinearSeries",
    "DataUnavailable",
    "DegenerateSeries",
    "InvalidInput",
    "StoreError",
    "StoreUnreachable",
    "TitanError",
    "TooFewBars",
]


class TitanError(Exception):
    """Root of every error TITAN raises on purpose; ``code`` is stable and machine-readable."""

    code = "titan_error"


class InvalidInput(TitanError, ValueError):
    """An argument breaks a stated rule: the message names it, the value found and the rule."""

    code = "invalid_input"


class DegenerateSeries(InvalidInput):
    """A series carries no information for the question asked (it is constant, for one)."""

    code = "degenerate_series"


class CollinearSeries(DegenerateSeries):
    """Two legs are the same series up to a linear map, so no residual is left to test."""

    code = "collinear_series"


class TooFewBars(InvalidInput):
    """Fewer observations than the computation needs; the message says how many of how many."""

    code = "too_few_bars"


class DataUnavailable(TitanError, LookupError):
    """Data asked for is not there (a symbol, a window, a file)."""

    code = "data_unavailable"


class StoreError(TitanError):
    """A price store refused or lost its backing; nothing was half-written."""

    code = "store_error"


class StoreUnreachable(StoreError):
    """The store's server is gone at present; nothing of the call was kept, and the same call may do later."""

    code = "store_unreachable"


class Cancelled(TitanError):
    """The caller's ``should_stop`` answered yes; partial work was dropped."""

    code = "cancelled"
