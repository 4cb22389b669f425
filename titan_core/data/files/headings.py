"""Which column means what, by the spellings that vendors and spreadsheets use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from titan_core.data.files.options import FileOptions
from titan_core.errors import InvalidInput

__all__ = ["FIELDS", "TICKER", "Columns", "plain", "recognise", "symbol_of_name"]

FIELDS = ("open", "high", "low", "close", "volume", "adjusted", "dividend", "split")
TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-=^/]{0,19}")

_SPELLINGS: dict[str, str] = {
    "date": "date datetime timestamp day tradedate tradingdate tradingday pricedate sessiondate asof asofdate datum "
    "fecha data dt indexlevel0 unnamed0 barenddate",
    "time": "time timeofday",
    "symbol": "symbol ticker sym tickersymbol stocksymbol security secid instrument ric code stock act",
    "open": "open openprice opening openingprice pxopen eroffnung eröffnung apertura ouverture",
    "high": "high highprice highest pxhigh dayhigh hoch haut maximo",
    "low": "low lowprice lowest pxlow daylow tief bas minimo",
    "close": "close closeprice closing closingprice closelast last lastprice pxlast price settle settlement schluss "
    "schlusskurs cierre cloture clôture px closepx prc",
    "adjusted": "adjclose adjustedclose closeadj closeadjusted adjustedcloseprice adjcloseprice adj adjusted adjprice "
    "adjustedprice closeunadjustedadj totalreturn totalreturnindex tri",
    "volume": "volume vol sharevolume tradedvolume volumen umsatz pxvolume",
    "dividend": "dividend dividends dividendamount exdividend divcash cashdividend cashamount div divamount",
    "split": "split splits stocksplits stocksplit splitcoefficient splitratio splitfactor",
}
_MEANING = {word: meaning for meaning, words in _SPELLINGS.items() for word in words.split()}
_LETTERS = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "t": "date"}
_NOT_TICKERS = {
    "daily", "adjusted", "adj", "history", "historical", "historicaldata", "prices", "price", "data", "weekly",
    "monthly", "quotes", "stock", "stocks", "table", "download", "export", "ohlc", "ohlcv", "bars", "eod", "csv",
    "upload", "full", "compact", "1d", "max", "time", "series", "daten", "kurse", "closes", "close", "file", "test",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each meaning stands.

    Attributes
    ----------
    layout : "long" or "wide"
    date : position of the date
    time : position of a time of day in a column of its own, if any
    symbol : position of the ticker, if a column names it
    fields : meaning to position, of `FIELDS`; empty in a wide file
    tickers : ticker to position, in a wide file
    """

    layout: str
    date: int
    time: int | None
    symbol: int | None
    fields: dict[str, int]
    tickers: dict[str, int]

    def described(self, headings: Sequence[str]) -> dict[str, str]:
        """Meaning to the file's own heading."""
        named = {"date": self.date, "time": self.time, "symbol": self.symbol, **self.fields}
        told = {meaning: headings[at] or "(no heading)" for meaning, at in named.items() if at is not None}
        if self.tickers:
            shown = list(self.tickers)
            told["close"] = ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
        return told


def plain(heading: str) -> str:
    """A heading without case, number, spaces and signs: "5. adjusted close" is "adjustedclose"."""
    bare = re.sub(r"^\s*\d+\s*\.\s*", "", heading.strip().lower())
    return re.sub(r"[\W_]+", "", bare)


def recognise(headings: Sequence[str], options: FileOptions, *, dates: Sequence[int] = ()) -> Columns:
    """What the columns mean.

    Parameters
    ----------
    headings : the file's own
    options : `layout` settles what headings leave open
    dates : positions of columns whose type is temporal, tried where no heading says "date"

    Raises
    ------
    InvalidInput
        There is one column only, no date, no price, or a ticker twice; the message lists what was seen.
    """
    if len(headings) < 2:
        raise InvalidInput(
            f"the file has one column ({_shown(headings)}): bars need a date and a price; "
            "check the delimiter (comma, semicolon and tab are recognised)"
        )
    found = _meanings(headings)
    date = _date_column(headings, found, dates)
    is_long = "close" in found or "adjusted" in found
    if options.layout == "wide" or (options.layout == "auto" and not is_long and "symbol" not in found):
        return Columns("wide", date, None, None, {}, _tickers(headings, date))
    if not is_long:
        raise InvalidInput(f"no column is a close: found {_shown(headings)}; name one Close or Adj Close")
    fields = {name: found[name] for name in FIELDS if name in found}
    time = found.get("time")
    return Columns("long", date, None if time == date else time, found.get("symbol"), fields, {})


def _meanings(headings: Sequence[str]) -> dict[str, int]:
    """Meaning to the first column that has it."""
    words = [plain(heading) for heading in headings]
    known = _MEANING | (_LETTERS if {"o", "h", "l", "c"} <= set(words) else {})
    found: dict[str, int] = {}
    for at, word in enumerate(words):
        if word in known:
            found.setdefault(known[word], at)
    if plain("close") in words and "close" in found:
        found["close"] = words.index("close")  # "Close" itself before "Last" or "Price"
    return found


def _date_column(headings: Sequence[str], found: dict[str, int], dates: Sequence[int]) -> int:
    if "date" in found:
        return found["date"]
    if "time" in found:
        return found["time"]
    if dates:
        return dates[0]
    if not headings[0].strip():  # an index that was written without its name
        return 0
    raise InvalidInput(
        f"no column is a date: found {_shown(headings)}; the first line must name the columns, one of them Date"
    )


def _tickers(headings: Sequence[str], date: int) -> dict[str, int]:
    tickers: dict[str, int] = {}
    for at, heading in enumerate(headings):
        ticker = heading.strip().upper()
        if at == date or (not ticker and at == len(headings) - 1):
            continue
        if not TICKER.fullmatch(ticker):
            raise InvalidInput(
                f"column {at + 1} is called {heading.strip()[:40]!r}, which is neither a known heading nor a ticker: "
                "a table with one column a symbol needs tickers as headings; else name a column Close"
            )
        if ticker in tickers:
            raise InvalidInput(f"two columns are called {ticker}: keep one")
        tickers[ticker] = at
    if not tickers:
        raise InvalidInput(
            f"beside the date there is no column with a name: found {_shown(headings)}; put the ticker, or Close, over "
            "the prices"
        )
    return tickers


def symbol_of_name(name: str) -> str | None:
    """The ticker a file is named by: KO.csv, aapl.us.txt, daily_adjusted_KO (1).csv; None where that is unclear."""
    stem = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(r"\.(csv|txt|tsv|parquet|pq|gz|zip|dat)$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r"\.(csv|txt|tsv|parquet|pq)$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r"\s*\(\d+\)$", "", stem)
    parts = [part for part in re.split(r"[_\s]+", stem) if part]
    left = [part for part in parts if part.lower() not in _NOT_TICKERS and not part.isdigit()]
    if len(left) != 1:
        return None
    ticker = left[0].upper()
    return ticker if TICKER.fullmatch(ticker) else None


def _shown(headings: Sequence[str]) -> str:
    names = [heading.strip()[:30] or "(no heading)" for heading in headings[:12]]
    return ", ".join(names) + (f" and {len(headings) - 12} more" if len(headings) > 12 else "")
