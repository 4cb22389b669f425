"""Which symbols and which days a request means, with refusals in words."""

import datetime as dt
import difflib
from collections.abc import Sequence

from titan_core.errors import DataUnavailable
from trading.models import Series, Symbol
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal

__all__ = ["DEFAULT_YEARS", "Window", "check_window", "known_symbols", "resolve_window", "years_before"]

DEFAULT_YEARS = 10

Window = tuple[dt.date, dt.date]


def known_symbols(tickers: Sequence[str], *, field: str = "symbols") -> list[Symbol]:
    """The active symbols of these tickers, in order, each once; the unknown are named with what they resemble."""
    wanted = list(dict.fromkeys(ticker.strip().upper() for ticker in tickers))
    found = {symbol.ticker: symbol for symbol in Symbol.objects.active().filter(ticker__in=wanted)}
    unknown = [ticker for ticker in wanted if ticker not in found]
    if unknown:
        named = "; ".join(f"{ticker!r}{_resembling(ticker)}" for ticker in unknown[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise Refusal(
            f"There is no active symbol {named}{more}. The Data page and symbols/ list those there are.",
            field=field,
            code="unknown_symbol",
        )
    return [found[ticker] for ticker in wanted]


def _resembling(ticker: str) -> str:
    """Words for the closest tickers, or a symbol whose name holds what was typed; empty where nothing comes close."""
    known = dict(Symbol.objects.active().values_list("ticker", "name"))
    close = difflib.get_close_matches(ticker, known, n=3, cutoff=0.5)
    if len(ticker) >= 3:
        close += [other for other, name in known.items() if ticker in name.upper() and other not in close]
    return f" (did you mean {' or '.join(close[:3])}?)" if close else ""


def check_window(start: dt.date | None, end: dt.date | None) -> None:
    """Refuse a window that does not run forwards."""
    if start is not None and end is not None and end <= start:
        raise Refusal(
            f"The end ({end}) must lie after the start ({start}): swap them or widen the window.",
            field="end_date",
        )


def resolve_window(
    symbols: Sequence[Symbol], *, timeframe: str, start: dt.date | None, end: dt.date | None
) -> Window:
    """The days meant: by default the last ten years up to the last bar any of these symbols has."""
    check_window(start, end)
    try:
        best = MarketDataService().best_series_sync(
            [symbol.ticker for symbol in symbols], timeframe=timeframe
        )
    except DataUnavailable as error:
        raise Refusal(
            f"{str(error)[:1].upper()}{str(error)[1:]}.", field="symbols", code=error.code
        ) from error
    first, last = _reach(list(best.values()))
    until = end or last
    since = start or max(first, years_before(until, DEFAULT_YEARS))
    stored = f"stored {timeframe} bars run from {first} to {last}"
    if since > last:
        raise Refusal(f"The window starts on {since}, after the last bar: {stored}.", field="start_date")
    if until < first:
        raise Refusal(f"The window ends on {until}, before the first bar: {stored}.", field="end_date")
    check_window(since, until)
    return since, until


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day so many years earlier; 29 February becomes 28, and before the year 1 there is nothing."""
    year = max(dt.MINYEAR, day.year - years)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _reach(series: list[Series]) -> Window:
    """First and last day any of these has a bar."""
    firsts = [one.first_timestamp.date() for one in series if one.first_timestamp is not None]
    lasts = [one.last_timestamp.date() for one in series if one.last_timestamp is not None]
    return min(firsts), max(lasts)
