"""Weeks and months made of stored days, whole ones only, with the symbols' own calendars."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

import numpy as np

from titan_core import types
from titan_core.data import BarPanel, PricePanel
from titan_core.data.resampling import period_start, resample_bars, resample_prices
from titan_core.errors import DataUnavailable
from trading.models import Series

__all__ = ["longer_bars", "longer_prices", "period_of"]

_WORDS = {"1wk": "whole week", "1mo": "whole month"}


def period_of(start: date | datetime | None, timeframe: str) -> np.datetime64 | None:
    """Where to begin reading days, so that the first period of a window is whole."""
    return None if start is None else period_start(start, _timeframe(timeframe))


def longer_prices(
    days: PricePanel,
    series: Sequence[Series],
    timeframe: str,
    start: date | datetime | None,
    end: date | datetime | None,
) -> PricePanel:
    """Prices of the periods that ended inside the window. Raises `DataUnavailable` where none did."""
    made = resample_prices(days, _timeframe(timeframe), calendars=_calendars(series)).between(start, end)
    _refuse_nothing(made.n_bars, days.symbols, timeframe, start, end)
    return made


def longer_bars(
    days: BarPanel, series: Series, timeframe: str, start: date | datetime | None, end: date | datetime | None
) -> BarPanel:
    """Bars of the periods that ended inside the window. Raises `DataUnavailable` where none did."""
    made = resample_bars(days, _timeframe(timeframe), calendars=_calendars([series])).between(start, end)
    _refuse_nothing(made.n_bars, days.symbols, timeframe, start, end)
    return made


def _calendars(series: Sequence[Series]) -> set[str]:
    return {one.symbol.calendar for one in series}


def _refuse_nothing(
    n_bars: int, symbols: Sequence[str], timeframe: str, start: object | None, end: object | None
) -> None:
    if not n_bars:
        some = ", ".join(symbols[:5])
        raise DataUnavailable(
            f"no {_WORDS[timeframe]} of {some} ended between {start or 'the beginning'} and {end or 'now'}: "
            "widen the window"
        )


def _timeframe(value: str) -> types.Timeframe:
    """The engine's word for it; the column's choices are the same words."""
    return cast("types.Timeframe", value)
