"""Checked bars into the store: their symbols and series first, then bars and actions in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction
from django.utils import timezone

from titan_core.data.store import WriteResult
from titan_core.data.store.writer import PriceWriter
from titan_core.data.validation import Actions, CheckedBars
from titan_core.types import Adjustment
from trading.models import AssetClass, Series, Symbol, Timeframe
from trading.services.price_stores import price_store
from trading.utils import as_datetime

__all__ = ["Stored", "store_bars"]

_ROWS = 100_000  # written between two looks at whether to stop
_CHUNK = 500  # names in one query


@dataclass(slots=True)
class Stored:
    """What became of the bars of one file, by ticker."""

    results: dict[str, WriteResult] = field(default_factory=dict)
    n_actions: int = 0
    n_new_symbols: int = 0


def store_bars(
    checked: CheckedBars,
    symbols: Sequence[str],
    *,
    source: str,
    adjustment: Adjustment,
    calendar: str,
    owns_actions: bool,
    step: Callable[[int, int], None],
    fence: Callable[[], None],
) -> Stored:
    """Write all of it or nothing.

    ``owns_actions`` says that the file tells every action of its window, so that one stored before and not told now
    is taken back. ``step`` is called between blocks and may raise; ``fence`` is called last, inside the transaction.
    """
    bars = checked.bars
    codes = np.unique(bars.code)
    tickers = {int(code): symbols[code] for code in codes}
    done = Stored(n_actions=checked.actions.size)
    if not codes.size:
        return Stored()
    known, done.n_new_symbols = _symbols(list(tickers.values()), calendar)
    series = _series(known, source, adjustment)
    ids = np.zeros(int(codes.max()) + 1, np.int64)
    for code, ticker in tickers.items():
        ids[code] = series[ticker].pk
    starts = np.searchsorted(bars.code, codes)
    ends = np.append(starts, bars.n_rows)[1:]
    former = _former_actions(checked, tickers, series) if owns_actions else {}
    with price_store().writing() as writer:
        for first, last in _blocks(starts, ends):
            step(int(first), bars.n_rows)
            _write(writer, checked, ids, slice(int(first), int(last)), tickers, done)
        _write_actions(writer, checked.actions, tickers, series, former)
        fence()
    _record_coverage(series, {ticker for ticker, r in done.results.items() if r.inserted or r.changed})
    return done


def _write(
    writer: PriceWriter,
    checked: CheckedBars,
    ids: np.ndarray,
    part: slice,
    tickers: dict[int, str],
    done: Stored,
) -> None:
    bars = checked.bars
    columns = {name: getattr(bars, name)[part] for name in ("open", "high", "low", "close", "volume")}
    written = writer.write_many(ids[bars.code[part]], checked.timestamps[part], **columns)
    by_id = {int(ids[code]): ticker for code, ticker in tickers.items()}
    for series_id, result in written.items():
        done.results[by_id[series_id]] = result


def _blocks(starts: np.ndarray, ends: np.ndarray) -> list[tuple[int, int]]:
    """Runs of whole series of about `_ROWS` rows."""
    blocks: list[tuple[int, int]] = []
    first = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - first >= _ROWS:
            blocks.append((first, end))
            first = end
        elif end == ends[-1]:
            blocks.append((min(first, start), end))
    return blocks


def _symbols(tickers: Sequence[str], calendar: str) -> tuple[dict[str, Symbol], int]:
    """Symbols by ticker, those that were missing made; and how many were."""
    known = _found(tickers)
    missing = [ticker for ticker in tickers if ticker not in known]
    if missing:
        kind = AssetClass.CRYPTO if calendar == "24/7" else AssetClass.EQUITY
        Symbol.objects.bulk_create(
            [Symbol(ticker=ticker, calendar=calendar, asset_class=kind) for ticker in missing],
            batch_size=_CHUNK,
            ignore_conflicts=True,
        )
        known = _found(tickers)
    return known, len(missing)


def _found(tickers: Sequence[str]) -> dict[str, Symbol]:
    return {
        symbol.ticker: symbol
        for at in range(0, len(tickers), _CHUNK)
        for symbol in Symbol.objects.filter(ticker__in=tickers[at : at + _CHUNK])
    }


def _series(symbols: dict[str, Symbol], source: str, adjustment: Adjustment) -> dict[str, Series]:
    """The series of each symbol, made where they are missing."""
    Series.objects.bulk_create(
        [
            Series(symbol=symbol, timeframe=Timeframe.DAILY, source=source, adjustment=adjustment)
            for symbol in symbols.values()
        ],
        batch_size=_CHUNK,
        ignore_conflicts=True,
    )
    rows = Series.objects.filter(timeframe=Timeframe.DAILY, source=source, adjustment=adjustment)
    by_symbol = {symbol.pk: ticker for ticker, symbol in symbols.items()}
    ids = list(by_symbol)
    return {
        by_symbol[series.symbol_id]: series
        for at in range(0, len(ids), _CHUNK)
        for series in rows.filter(symbol_id__in=ids[at : at + _CHUNK])
    }


def _former_actions(
    checked: CheckedBars, tickers: dict[int, str], series: dict[str, Series]
) -> dict[str, set[tuple[np.datetime64, str]]]:
    """Actions stored already inside the window of each symbol's rows."""
    held = {ticker: one.pk for ticker, one in series.items() if one.n_bars}
    if not held:
        return {}
    spans = {}
    for code, ticker in tickers.items():
        rows = np.searchsorted(checked.bars.code, [code, code + 1])
        spans[ticker] = checked.timestamps[rows[0]], checked.timestamps[rows[1] - 1]
    former: dict[str, set[tuple[np.datetime64, str]]] = {}
    names = list(held)
    for at in range(0, len(names), 200):
        part = {name: held[name] for name in names[at : at + 200]}
        panel = price_store().read_bars(part, adjustment="raw")
        for action in panel.actions:
            first, last = spans[action.symbol]
            if first <= action.timestamp <= last:
                former.setdefault(action.symbol, set()).add((action.timestamp, action.kind))
    return former


def _write_actions(
    writer: PriceWriter,
    actions: Actions,
    tickers: dict[int, str],
    series: dict[str, Series],
    former: dict[str, set[tuple[np.datetime64, str]]],
) -> None:
    """The file's actions; one that is told no longer is overwritten by one that changes nothing."""
    told: dict[str, dict[tuple[np.datetime64, str], float]] = {ticker: {} for ticker in former}
    for code, time, kind, value in zip(
        actions.code.tolist(), actions.timestamps, actions.kinds, actions.values.tolist(), strict=True
    ):
        if code in tickers:
            told.setdefault(tickers[code], {})[time, kind] = value
    for ticker, rows in told.items():
        gone = former.get(ticker, set()) - set(rows)
        rows |= {(time, kind): 1.0 if kind == "split" else 0.0 for time, kind in gone}
        if rows:
            times, kinds = zip(*rows, strict=True)
            writer.write_actions(series[ticker].pk, np.array(times, "M8[us]"), kinds, list(rows.values()))


def _record_coverage(series: dict[str, Series], touched: set[str]) -> None:
    """Bring the series' rows in step with their bars; ``updated_at`` moves only where something changed."""
    found = price_store().coverage(one.pk for one in series.values())
    changed = []
    for ticker, one in series.items():
        coverage = found[one.pk]
        now = (
            coverage.n_bars,
            None if coverage.first is None else as_datetime(coverage.first),
            None if coverage.last is None else as_datetime(coverage.last),
        )
        if ticker in touched or now != (one.n_bars, one.first_timestamp, one.last_timestamp):
            one.n_bars, one.first_timestamp, one.last_timestamp = now
            one.updated_at = timezone.now()
            changed.append(one)
    with transaction.atomic():
        Series.objects.bulk_update(
            changed, ["n_bars", "first_timestamp", "last_timestamp", "updated_at"], batch_size=200
        )
