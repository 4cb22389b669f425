"""The demo universe: twenty large US stocks, daily dividend- and split-adjusted closes, 1990 to 2022.

The prices come with the ``skfolio`` package, which is installed without its dependencies and never imported,
for that would pull half a gigabyte. Only its data file is read, by path.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from titan_core.data.calendars import session_closes
from titan_core.data.listings import Listing
from titan_core.data.panels import PricePanel
from titan_core.errors import DataUnavailable

__all__ = ["DEMO_SYMBOLS", "load_demo"]

# Sectors by the Global Industry Classification Standard.
DEMO_SYMBOLS: tuple[Listing, ...] = (
    Listing("AAPL", "Apple", "Information Technology", "XNAS"),
    Listing("AMD", "Advanced Micro Devices", "Information Technology", "XNAS"),
    Listing("BAC", "Bank of America", "Financials", "XNYS"),
    Listing("BBY", "Best Buy", "Consumer Discretionary", "XNYS"),
    Listing("CVX", "Chevron", "Energy", "XNYS"),
    Listing("GE", "General Electric", "Industrials", "XNYS"),
    Listing("HD", "Home Depot", "Consumer Discretionary", "XNYS"),
    Listing("JNJ", "Johnson & Johnson", "Health Care", "XNYS"),
    Listing("JPM", "JPMorgan Chase", "Financials", "XNYS"),
    Listing("KO", "Coca-Cola", "Consumer Staples", "XNYS"),
    Listing("LLY", "Eli Lilly", "Health Care", "XNYS"),
    Listing("MRK", "Merck", "Health Care", "XNYS"),
    Listing("MSFT", "Microsoft", "Information Technology", "XNAS"),
    Listing("PEP", "PepsiCo", "Consumer Staples", "XNAS"),
    Listing("PFE", "Pfizer", "Health Care", "XNYS"),
    Listing("PG", "Procter & Gamble", "Consumer Staples", "XNYS"),
    Listing("RRC", "Range Resources", "Energy", "XNYS"),
    Listing("UNH", "UnitedHealth", "Health Care", "XNYS"),
    Listing("WMT", "Walmart", "Consumer Staples", "XNYS"),
    Listing("XOM", "Exxon Mobil", "Energy", "XNYS"),
)

_HOW_TO_GET = "`make run` installs it; by hand: pip install --no-deps skfolio"


def load_demo() -> PricePanel:
    """Daily closes of `DEMO_SYMBOLS` in that order, total return, each at its session's close.

    Returns
    -------
    PricePanel of shape (8313, 20), US dollars, 1990-01-02 to 2022-12-28, no gaps

    Raises
    ------
    DataUnavailable
        The data file is not installed, or is not the one expected; the message says how to get it.
    """
    path = _data_file()
    try:
        table = pa.csv.read_csv(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataUnavailable(
            f"the demo prices in {path} can't be read ({error}): reinstall. {_HOW_TO_GET}"
        ) from error
    symbols = tuple(listing.ticker for listing in DEMO_SYMBOLS)
    missing = [name for name in ("Date", *symbols) if name not in table.column_names]
    if missing:
        raise DataUnavailable(
            f"the demo prices in {path} lack {', '.join(missing)}: reinstall. {_HOW_TO_GET}"
        )
    closes = session_closes("XNYS", table.column("Date").to_numpy().astype("datetime64[D]"))
    values = np.column_stack([table.column(name).to_numpy() for name in symbols])
    return PricePanel(symbols, closes, values, "total_return")


def _data_file() -> Path:
    """Where the package keeps its prices, found without importing it."""
    spec = find_spec("skfolio")
    roots = spec.submodule_search_locations if spec is not None else None
    for root in roots or ():
        path = Path(root, "datasets", "data", "sp500_dataset.csv.gz")
        if path.is_file():
            return path
    raise DataUnavailable(
        f"the demo prices come with the package skfolio, which is not installed: {_HOW_TO_GET}"
    )
