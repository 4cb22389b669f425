"""Bringing a pair's signals up to its last bar: the table says what the rule says, and what is new is told once."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone

from common import events
from titan_core.errors import TitanError, TooFewBars
from titan_core.strategy import Rule, TradedPair
from trading.models import Signal, SignalState, TradingPair
from trading.services.alerts.signals import tell_watchers
from trading.services.market_data import MarketDataService
from trading.services.signals.decide import Decision, Reading, Track, read_pair, track_of
from trading.services.signals.payload import signal_payload
from trading.services.signals.rule import signal_rule
from trading.utils import as_datetime, as_datetime64, finite_or_none

__all__ = ["Outcome", "update_signals"]

_FIELDS = ("z_score", "spread_value", "confidence_score", "n_past", "in_sample")
_Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an update did; ``is_read`` is False where bars, fit and rule are those of the last one."""

    is_read: bool
    n_new: int = 0


def update_signals(pair: TradingPair) -> Outcome:
    """Write what the rule says of `pair` on the bars as they are now; again without new bars it does nothing.

    Signals that the rule no longer gives (a bar was corrected, the pair fitted anew) go, unless the live engine has
    acted on them. What has come since the last bar known here is published and told to those who watch the pair.
    """
    rule = signal_rule()
    try:
        version = _version(pair, rule)
        if SignalState.objects.filter(pair=pair, version=version).exists():
            return Outcome(is_read=False)
        reading, track = _read(pair, rule)
    except TitanError as error:
        _settle(pair, "", None, str(error))
        return Outcome(is_read=False)
    return Outcome(is_read=True, n_new=_settle(pair, version, (reading, track), ""))


def _version(pair: TradingPair, rule: Rule) -> str:
    """Hash of everything the signals follow from."""
    legs = [pair.symbol_1.ticker, pair.symbol_2.ticker]
    data = MarketDataService().data_version_sync(legs, timeframe=pair.timeframe)
    fit = [pair.hedge_ratio, pair.scale, pair.timeframe, pair.fit_end.isoformat()]
    return hashlib.sha256(json.dumps([data, fit, rule.as_dict()]).encode()).hexdigest()


def _read(pair: TradingPair, rule: Rule) -> tuple[Reading, Track]:
    legs = [pair.symbol_1.ticker, pair.symbol_2.ticker]
    traded = TradedPair(legs[0], legs[1], pair.hedge_ratio, pair.intercept, pair.scale)  # type: ignore[arg-type]  # the column's choices are the engine's words
    panel = MarketDataService().load_panel_sync(legs, timeframe=pair.timeframe)
    both = np.isfinite(panel.values).all(axis=1) & (panel.values > 0.0).all(axis=1)
    panel = replace(panel, timestamps=panel.timestamps[both], values=panel.values[both])
    if panel.n_bars <= rule.lookback + 1:
        raise TooFewBars(
            f"{pair} has {panel.n_bars} bars that both legs have and the rule looks back {rule.lookback}: "
            "bring more history"
        )
    return read_pair(panel, rule, traded), track_of(panel, rule, traded)


@transaction.atomic
def _settle(pair: TradingPair, version: str, read: tuple[Reading, Track] | None, message: str) -> int:
    """Make the rows those of the reading; returns how many are new."""
    state, is_first = SignalState.objects.select_for_update().get_or_create(
        pair=pair, defaults={"version": ""}
    )
    if read is None:
        state.version, state.message = version, message
        state.save()
        return 0
    reading, track = read
    known_until = state.last_bar
    wanted = {(one.timestamp, one.signal_type): one for one in _rows(pair, reading, track)}
    there = {(one.timestamp, one.signal_type): one for one in Signal.objects.filter(pair=pair)}
    gone = [one.pk for key, one in there.items() if key not in wanted and not one.processed]
    Signal.objects.filter(pk__in=gone).delete()
    Signal.objects.bulk_update(_changed(there, wanted), _FIELDS, batch_size=100)
    fresh = [one for key, one in wanted.items() if key not in there]
    Signal.objects.bulk_create(fresh, batch_size=200, ignore_conflicts=True)
    last = as_datetime(reading.timestamps[-1])
    state.version, state.message, state.last_bar = version, "", last
    state.z_score, state.side = finite_or_none(reading.z_score), reading.side
    state.save()
    # The first reading fills in history, which is no news; only what the very last bar says is.
    known = last - timedelta(microseconds=1) if is_first or known_until is None else known_until
    news = [key for key in wanted if key not in there and key[0] > known]
    _tell(pair, news)
    return len(fresh)


def _rows(pair: TradingPair, reading: Reading, track: Track) -> Iterable[Signal]:
    """The reading as rows. What was decided up to the last bar of the pair's fit is in sample."""
    fit_end = as_datetime64(pair.fit_end)
    for one in reading.decisions:
        in_sample = bool(one.timestamp <= fit_end)
        share, n = track.share(one.timestamp, None if in_sample else fit_end)
        yield _row(pair, one, share, n, in_sample=in_sample)


def _row(pair: TradingPair, one: Decision, share: float | None, n: int, *, in_sample: bool) -> Signal:
    return Signal(
        pair=pair,
        timestamp=as_datetime(one.timestamp),
        signal_type=one.kind,
        z_score=one.z_score,
        spread_value=one.spread,
        confidence_score=share,
        n_past=n,
        in_sample=in_sample,
    )


def _changed(there: dict[_Key, Signal], wanted: dict[_Key, Signal]) -> list[Signal]:
    """Rows whose figures are others now, except those that were acted on."""
    rows = []
    for key, one in there.items():
        new = wanted.get(key)
        if new is None or one.processed or all(getattr(one, f) == getattr(new, f) for f in _FIELDS):
            continue
        for field in _FIELDS:
            setattr(one, field, getattr(new, field))
        rows.append(one)
    return rows


def _tell(pair: TradingPair, news: list[_Key]) -> None:
    """Publish what has come, oldest first, and raise the alerts of those who watch the pair."""
    if not news:
        return
    found = Signal.objects.filter(pair=pair, timestamp__in=[moment for moment, _ in news]).select_related(
        "pair__symbol_1", "pair__symbol_2"
    )
    now = timezone.now()
    for signal in found.order_by("timestamp", "pk"):
        events.publish(f"pair_{pair.pk}", "signal_update", signal_payload(signal))
        tell_watchers(signal, now=now)
