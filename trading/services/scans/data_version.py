"""Whether the bars a scan ran on have changed since: a fingerprint first, the panel itself only where that differs."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from django.core.cache import cache

from titan_core.errors import TitanError
from titan_core.manifest import panel_hash
from trading.models import Scan, Series
from trading.services.market_data import MarketDataService

__all__ = ["data_changed", "data_versions"]

_REMEMBER_SECONDS = 86_400


def data_versions(scans: Sequence[Scan]) -> list[str]:
    """Today's fingerprint of each scan's series, in one query a timeframe."""
    by_timeframe = {
        timeframe: _by_ticker(MarketDataService().coverage_sync(timeframe=timeframe).values())
        for timeframe in {scan.timeframe for scan in scans}
    }
    return [_fingerprint(scan.symbols, by_timeframe[scan.timeframe]) for scan in scans]


def data_changed(scans: Sequence[Scan], *, exact: bool) -> list[bool | None]:
    """For each scan whether its panel would be another today; None where it has no result or that is not known.

    Where series changed, bars inside the window may still be the same (new bars came after it): `exact` then loads
    the panel and compares its hash, and the answer is remembered until the series change again.
    """
    answers: list[bool | None] = []
    for scan, version in zip(scans, data_versions(scans), strict=True):
        made = scan.manifest
        if made is None:
            answers.append(None)
        elif made.get("data_version") == version:
            answers.append(False)
        else:
            answers.append(_panel_changed(scan, version, exact=exact))
    return answers


def _panel_changed(scan: Scan, version: str, *, exact: bool) -> bool | None:
    key = f"scan-data:{scan.pk}:{version}"
    known: bool | None = cache.get(key)
    if known is not None or not exact:
        return known
    try:
        today = MarketDataService().load_panel_sync(
            scan.symbols, timeframe=scan.timeframe, start=scan.start_date, end=scan.end_date
        )
        changed = panel_hash(today) != (scan.manifest or {}).get("panel_hash")
    except TitanError:  # a symbol or its bars are gone: that is a change
        changed = True
    cache.set(key, changed, _REMEMBER_SECONDS)
    return changed


def _by_ticker(series: Iterable[Series]) -> dict[str, Series]:
    return {one.symbol.ticker: one for one in series}


def _fingerprint(tickers: Iterable[str], series: Mapping[str, Series]) -> str:
    digest = hashlib.sha256()
    for ticker in sorted(tickers):
        one = series.get(ticker)
        state = "none" if one is None else f"{one.pk}|{one.n_bars}|{one.updated_at.isoformat()}"
        digest.update(f"{ticker}|{state}\n".encode())
    return digest.hexdigest()
