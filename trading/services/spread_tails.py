"""The ends of many pairs' spreads at once: where each stands, and its last z-scores.

A trailing z-score needs its window and no more, so the last bars of all pairs are read together; pairs whose
spread has a trend need the bars of their fit and are read whole. What was read is remembered until bars change.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np
from django.core.cache import cache

from titan_core.analysis import rolling_z_score
from titan_core.data import PricePanel
from titan_core.errors import TitanError
from titan_core.types import Float1D
from trading.models import Series, TradingPair
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.spreads import frozen_spread
from trading.utils import as_datetime, finite_or_none

__all__ = ["POINTS", "WINDOW", "SpreadTail", "spread_tails"]

WINDOW = 60  # bars of the trailing z-score, as pairs/{id}/spread/ has it by default
POINTS = 60
_NEEDED = WINDOW + POINTS - 1
# Calendar days that hold so many bars of a symbol that misses one in three.
_DAYS = {"1d": _NEEDED * 21 // 10 + 10, "1wk": _NEEDED * 21 // 2 + 21, "1mo": _NEEDED * 46 + 93}
_TOGETHER = timedelta(days=365)  # pairs whose last bars lie so close are read in one panel
_REMEMBER_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class SpreadTail:
    """The end of one spread; the z-scores are trailing and causal, at most `POINTS`, None where undefined."""

    z_score: float | None
    spread: float
    as_of: datetime
    sparkline: list[float | None]


def spread_tails(pairs: Sequence[TradingPair]) -> dict[int, SpreadTail]:
    """The tails of these pairs by their ids; a pair that has none (no bars, a price without a log) is left out."""
    legs = _legs(pairs)
    keys = {pair.pk: _key(pair, legs[pair.pk]) for pair in pairs if pair.pk in legs}
    remembered = cache.get_many(keys.values())
    known: dict[int, SpreadTail | None] = {
        pk: remembered[key] for pk, key in keys.items() if key in remembered
    }
    missing = [pair for pair in pairs if pair.pk in keys and pair.pk not in known]
    if missing:
        found = _measured(missing, legs)
        cache.set_many({keys[pair.pk]: found.get(pair.pk) for pair in missing}, _REMEMBER_SECONDS)
        known |= found
    return {pk: tail for pk, tail in known.items() if tail is not None}


Legs = tuple[Series, Series]


def _legs(pairs: Sequence[TradingPair]) -> dict[int, Legs]:
    """The series of both legs, one query a timeframe; pairs of which one has no bars are left out."""
    legs: dict[int, Legs] = {}
    for timeframe in {pair.timeframe for pair in pairs}:
        of_frame = [pair for pair in pairs if pair.timeframe == timeframe]
        ids = {pk for pair in of_frame for pk in (pair.symbol_1_id, pair.symbol_2_id)}
        best = MarketDataService().coverage_sync(ids, timeframe=timeframe)
        for pair in of_frame:
            if pair.symbol_1_id in best and pair.symbol_2_id in best:
                legs[pair.pk] = best[pair.symbol_1_id], best[pair.symbol_2_id]
    return legs


def _key(pair: TradingPair, legs: Legs) -> str:
    """Different once the pair was fitted again or a bar of a leg has changed."""
    state = [(one.pk, one.n_bars, one.updated_at.isoformat()) for one in legs]
    text = repr((pair.pk, pair.updated_at.isoformat(), state, WINDOW, POINTS))
    return f"spread-tail:{hashlib.sha256(text.encode()).hexdigest()}"


def _measured(pairs: Sequence[TradingPair], legs: Mapping[int, Legs]) -> dict[int, SpreadTail]:
    tails: dict[int, SpreadTail] = {}
    whole = [pair for pair in pairs if pair.trend not in {"n", "c"}]
    for timeframe, since, batch in _batches([pair for pair in pairs if pair.trend in {"n", "c"}], legs):
        panel = _panel(batch, timeframe, since)
        column = {ticker: j for j, ticker in enumerate(panel.symbols)} if panel else {}
        for pair in batch:
            n_bars = min(one.n_bars for one in legs[pair.pk])
            tail = _from_panel(pair, panel, column, n_bars) if panel else None
            if tail is None:  # sparse bars: its tail reaches further back
                whole.append(pair)
            else:
                tails[pair.pk] = tail
    for pair in whole:
        alone = _alone(pair)
        if alone is not None:
            tails[pair.pk] = alone
    return tails


def _batches(
    pairs: Sequence[TradingPair], legs: Mapping[int, Legs]
) -> Iterator[tuple[str, date, list[TradingPair]]]:
    """Pairs to read together and from which day: those of one timeframe whose last bars lie close."""

    def last(pair: TradingPair) -> datetime:
        return min(one.last_timestamp for one in legs[pair.pk] if one.last_timestamp is not None)

    ordered = sorted(pairs, key=lambda pair: (pair.timeframe, last(pair)))
    for timeframe, group in groupby(ordered, key=lambda pair: pair.timeframe):
        batch: list[TradingPair] = []
        for pair in group:
            if batch and last(pair) - last(batch[0]) > _TOGETHER:
                yield timeframe, _since(last(batch[0]), timeframe), batch
                batch = []
            batch.append(pair)
        yield timeframe, _since(last(batch[0]), timeframe), batch


def _since(last: datetime, timeframe: str) -> date:
    return (last - timedelta(days=_DAYS[timeframe])).date()


def _panel(pairs: Sequence[TradingPair], timeframe: str, since: date) -> PricePanel | None:
    tickers = sorted({ticker for pair in pairs for ticker in (pair.symbol_1.ticker, pair.symbol_2.ticker)})
    try:
        return MarketDataService().load_panel_sync(tickers, timeframe=timeframe, start=since)
    except TitanError:  # one of them spoils the panel: each is then read alone
        return None


def _from_panel(
    pair: TradingPair, panel: PricePanel, column: Mapping[str, int], n_bars: int
) -> SpreadTail | None:
    """The tail from the last bars; None where they are too few and earlier ones may exist."""
    prices = panel.values[:, [column[pair.symbol_1.ticker], column[pair.symbol_2.ticker]]]
    both = np.flatnonzero(np.isfinite(prices).all(axis=1))
    if both.size < min(_NEEDED, n_bars):
        return None
    both = both[-_NEEDED:]
    if (prices[both] <= 0.0).any():
        return None
    log_1, log_2 = np.log(prices[both]).T
    spread = frozen_spread(
        log_1,
        log_2,
        hedge_ratio=pair.hedge_ratio,
        intercept=pair.intercept,
        trend=pair.trend,
        fit=np.zeros(both.size, dtype=np.bool_),
    )
    return _tail(panel.timestamps[both], spread, rolling_z_score(spread, WINDOW))


def _alone(pair: TradingPair) -> SpreadTail | None:
    """The tail of a pair read whole; None where it has none."""
    try:
        found = PairAnalysisService().spread_sync(pair=pair, window=WINDOW)
    except TitanError:
        return None
    return _tail(found["timestamps"], found["spread"], found["z_score"])


def _tail(timestamps: np.ndarray, spread: Float1D, z_scores: Float1D) -> SpreadTail:
    last = z_scores[-POINTS:]
    return SpreadTail(
        z_score=finite_or_none(z_scores[-1]),
        spread=float(spread[-1]),
        as_of=as_datetime(timestamps[-1]),
        sparkline=[None if not np.isfinite(z) else round(float(z), 4) for z in last],
    )
