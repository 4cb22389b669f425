"""Symbols and their bars: what exists, where it came from, how far it reaches, and panels for analysis."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction

from titan_core import types
from titan_core.data import BarPanel, PricePanel
from titan_core.data.store import Coverage, WriteResult
from titan_core.errors import DataUnavailable, InvalidInput
from trading.models import Adjustment, Series, Symbol, Timeframe, Universe
from trading.services.base_service import BaseService, async_form
from trading.services.calendars import check_calendar
from trading.services.longer_bars import longer_bars, longer_prices, period_of
from trading.services.price_stores import price_store
from trading.utils import as_datetime, join_panels

__all__ = ["IngestReport", "MarketDataService", "SeriesBars"]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did, in bars."""

    n_series: int
    written: WriteResult

    @property
    def changed_anything(self) -> bool:
        """Whether the data is different now."""
        return bool(self.written.inserted or self.written.changed)


@dataclass(frozen=True, slots=True)
class SeriesBars:
    """One symbol's bars, with the series that says where they came from (days, where longer bars were made of them)."""

    series: Series
    bars: BarPanel
    timeframe: str


class MarketDataService(BaseService):
    """Reference data in ``default``, bars through the engine's store in ``timescale``."""

    def symbols_sync(self, *, include_inactive: bool = False) -> list[Symbol]:
        """Symbols by ticker."""
        return list(Symbol.objects.all() if include_inactive else Symbol.objects.active())

    symbols = async_form(symbols_sync)

    def create_symbol_sync(self, *, ticker: str, **fields: Any) -> Symbol:
        """A new symbol; the ticker is written in capitals. Raises `InvalidInput` saying which field and why."""
        symbol = Symbol(ticker=ticker.strip().upper(), **fields)
        try:
            symbol.full_clean()
        except ValidationError as error:
            said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise InvalidInput(f"{ticker!r} can't be added: {said}") from error
        check_calendar(symbol.calendar)
        symbol.save(force_insert=True)
        return symbol

    create_symbol = async_form(create_symbol_sync)

    def deactivate_symbol_sync(self, symbol: Symbol) -> None:
        """Hide a symbol from new work; its bars and what refers to it stay."""
        symbol.deactivate()

    deactivate_symbol = async_form(deactivate_symbol_sync)

    def register_series_sync(
        self, *, symbol: Symbol, source: str, adjustment: str, timeframe: str = Timeframe.DAILY
    ) -> Series:
        """The series of these bars, made the first time it is asked for."""
        series, _ = Series.objects.get_or_create(
            symbol=symbol, timeframe=timeframe, source=source, adjustment=adjustment
        )
        return series

    register_series = async_form(register_series_sync)

    def ingest_panel_sync(
        self,
        panel: PricePanel,
        *,
        source: str,
        timeframe: str = Timeframe.DAILY,
        universe: Universe | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> IngestReport:
        """Write a panel's closes, all or none, and record how far each series reaches; twice changes nothing.

        Every symbol of the panel must exist; with a `universe` they become its members. Raises `InvalidInput` on
        log prices or an empty column, `DataUnavailable` on an unknown ticker.
        """
        if panel.scale != "price":
            raise InvalidInput("the panel holds logs: ingest prices, logs are taken when they are analysed")
        symbols = self._known(panel.symbols)
        series = [
            self.register_series_sync(
                symbol=s, source=source, adjustment=panel.adjustment, timeframe=timeframe
            )
            for s in symbols
        ]
        # Bars first, coverage after: killed in between, the next ingestion finds the bars and mends the coverage.
        results = self._write_closes(panel, series, progress)
        self._record_coverage(
            series, touched={row.pk for row, result in results if result.inserted or result.changed}
        )
        if universe is not None:
            universe.symbols.add(*symbols)
        total = WriteResult(0, 0, 0)
        for _, result in results:
            total += result
        return IngestReport(n_series=len(series), written=total)

    ingest_panel = async_form(ingest_panel_sync)

    def load_panel_sync(
        self,
        tickers: Sequence[str],
        *,
        timeframe: str = Timeframe.DAILY,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> PricePanel:
        """Total-return prices of `tickers`, columns in this order, both ends of the window included.

        Each symbol's best series is used; weeks and months are made of days where no such bars are stored, whole ones
        only. A symbol without bars in the window is a column of NaN, and the scan says so per pair. Raises
        `DataUnavailable` naming symbols that don't exist or have no bars at all.
        """
        best = self.best_series_sync(tickers, timeframe=timeframe)
        stored = {ticker: s for ticker, s in best.items() if s.timeframe == timeframe}
        of_days = {ticker: s for ticker, s in best.items() if s.timeframe != timeframe}
        panels = [_total_return(stored, start, end)] if stored else []
        if of_days:
            days = _total_return(of_days, period_of(start, timeframe), end)
            panels.append(longer_prices(days, list(of_days.values()), timeframe, start, end))
        return join_panels(panels, list(best))

    load_panel = async_form(load_panel_sync)

    def bars_sync(
        self,
        symbol: Symbol,
        *,
        timeframe: str = Timeframe.DAILY,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> SeriesBars:
        """One symbol's bars as delivered, or made of its days. Raises `DataUnavailable` when there are none."""
        series = self.best_series_sync([symbol.ticker], timeframe=timeframe)[symbol.ticker]
        since = start if series.timeframe == timeframe else period_of(start, timeframe)
        bars = price_store().read_bars(
            {symbol.ticker: series.pk}, start=since, end=end, adjustment=_engine_word(series.adjustment)
        )
        if series.timeframe != timeframe:
            bars = longer_bars(bars, series, timeframe, start, end)
        return SeriesBars(series, bars, timeframe)

    bars = async_form(bars_sync)

    def best_series_sync(
        self, tickers: Sequence[str], *, timeframe: str = Timeframe.DAILY
    ) -> dict[str, Series]:
        """The series an analysis uses, by ticker in the order given. Raises `DataUnavailable` as `load_panel`."""
        symbols = self._known(tickers)
        coverage = self.coverage_sync([s.pk for s in symbols], timeframe=timeframe)
        without = [s.ticker for s in symbols if s.pk not in coverage]
        if without:
            raise DataUnavailable(f"no {timeframe} bars of {_some(without)}: ingest them, or leave them out")
        return {symbol.ticker: coverage[symbol.pk] for symbol in symbols}

    best_series = async_form(best_series_sync)

    def coverage_sync(
        self, symbol_ids: Collection[int] | None = None, *, timeframe: str = Timeframe.DAILY
    ) -> dict[int, Series]:
        """Each symbol's best series with bars, by symbol id (all symbols when none are named); one query.

        Where a symbol has no bars of this timeframe its days stand in: longer bars are made of them.
        """
        rows = (
            Series.objects.with_bars()
            .filter(timeframe__in={timeframe, Timeframe.DAILY.value})
            .select_related("symbol")
        )
        if symbol_ids is not None:
            rows = rows.filter(symbol_id__in=symbol_ids)
        best: dict[int, Series] = {}
        for series in sorted(
            rows, key=lambda row: (row.timeframe != timeframe, row.preference), reverse=True
        ):
            best[series.symbol_id] = series
        return best

    coverage = async_form(coverage_sync)

    def data_version_sync(self, tickers: Sequence[str], *, timeframe: str = Timeframe.DAILY) -> str:
        """A fingerprint of these symbols' data, different once any of their bars has changed."""
        digest = hashlib.sha256()
        for ticker, series in sorted(self.best_series_sync(tickers, timeframe=timeframe).items()):
            digest.update(f"{ticker}|{series.pk}|{series.n_bars}|{series.updated_at.isoformat()}\n".encode())
        return digest.hexdigest()

    data_version = async_form(data_version_sync)

    def bars_version_sync(self) -> int:
        """A number that moves on with every write of bars or corporate actions, whoever writes."""
        return price_store().n_writes()

    bars_version = async_form(bars_version_sync)

    def _known(self, tickers: Iterable[str]) -> list[Symbol]:
        """The symbols, in order; `DataUnavailable` names those that don't exist."""
        wanted = list(tickers)
        found = {symbol.ticker: symbol for symbol in Symbol.objects.filter(ticker__in=wanted)}
        unknown = [ticker for ticker in wanted if ticker not in found]
        if unknown:
            raise DataUnavailable(
                f"unknown ticker {_some(unknown)}: check the spelling, or add the symbol first"
            )
        return [found[ticker] for ticker in wanted]

    def _write_closes(
        self, panel: PricePanel, series: list[Series], progress: Callable[[int, int], None] | None
    ) -> list[tuple[Series, WriteResult]]:
        results = []
        with price_store().writing() as writer:
            for j, row in enumerate(series):
                closes = panel.values[:, j]
                there = ~np.isnan(closes)
                results.append((row, writer.write(row.pk, panel.timestamps[there], close=closes[there])))
                if progress is not None:
                    progress(j + 1, len(series))
        return results

    def _record_coverage(self, series: list[Series], *, touched: set[int]) -> None:
        """Bring `Series` in step with the rows; ``updated_at`` moves only where something changed."""
        found = price_store().coverage(row.pk for row in series)
        with transaction.atomic():
            for row in series:
                if _apply(found[row.pk], row) or row.pk in touched:
                    row.save(update_fields=["n_bars", "first_timestamp", "last_timestamp", "updated_at"])


def _total_return(
    series: Mapping[str, Series], start: date | datetime | np.datetime64 | None, end: date | datetime | None
) -> PricePanel:
    """Stored bars of a window as total-return prices."""
    store = price_store()
    panels = []
    for adjustment in Series.PREFERRED:
        keys = {ticker: one.pk for ticker, one in series.items() if one.adjustment == adjustment}
        if keys and adjustment == Adjustment.TOTAL_RETURN:
            panels.append(store.read_prices(keys, start=start, end=end, adjustment="total_return"))
        elif keys:
            # The index is built from the very first bar, so that a window's values don't depend on its start.
            bars = store.read_bars(keys, adjustment=_engine_word(adjustment), fields=("close",))
            panels.append(bars.prices("total_return").between(start, end))
    return join_panels(panels, list(series))


def _apply(coverage: Coverage, series: Series) -> bool:
    """Write the coverage on the series; whether that changed it."""
    first = None if coverage.first is None else as_datetime(coverage.first)
    last = None if coverage.last is None else as_datetime(coverage.last)
    before = (series.n_bars, series.first_timestamp, series.last_timestamp)
    series.n_bars, series.first_timestamp, series.last_timestamp = coverage.n_bars, first, last
    return before != (coverage.n_bars, first, last)


def _engine_word(adjustment: str) -> types.Adjustment:
    """The engine's word for it; the column's choices are the same words."""
    return cast("types.Adjustment", str(adjustment))


def _some(names: Sequence[str]) -> str:
    """Up to five names, and how many more."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
