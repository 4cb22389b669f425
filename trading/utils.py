"""Between database rows and the engine's records: instants, floats, panels."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from titan_core.data import PricePanel
from titan_core.errors import InvalidInput

__all__ = ["as_datetime", "as_datetime64", "finite_or_none", "join_panels"]


def as_datetime(instant: np.datetime64) -> datetime:
    """Aware UTC datetime of an engine instant, to the microsecond."""
    naive: datetime = instant.astype("datetime64[us]").item()
    return naive.replace(tzinfo=UTC)


def as_datetime64(instant: datetime) -> np.datetime64:
    """Engine instant of an aware datetime."""
    if instant.tzinfo is None:
        raise InvalidInput(f"{instant.isoformat()} has no time zone: the engine works in UTC")
    return np.datetime64(instant.astimezone(UTC).replace(tzinfo=None), "us")


def finite_or_none(value: float) -> float | None:
    """A float as a nullable column holds it: NaN and infinity mean "no such number"."""
    return float(value) if math.isfinite(value) else None


def join_panels(panels: Sequence[PricePanel], symbols: Sequence[str]) -> PricePanel:
    """One panel of `symbols` in this order, from panels of some of them each, on the union of their time axes."""
    if len(panels) == 1:
        return panels[0].select(symbols)
    axis = np.unique(np.concatenate([panel.timestamps for panel in panels]))
    values = np.full((axis.size, len(symbols)), np.nan)
    column = {symbol: j for j, symbol in enumerate(symbols)}
    for panel in panels:
        rows = np.searchsorted(axis, panel.timestamps)
        for j, symbol in enumerate(panel.symbols):
            values[rows, column[symbol]] = panel.values[:, j]
    return PricePanel(tuple(symbols), axis, values, panels[0].adjustment, panels[0].scale)
