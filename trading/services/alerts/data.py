"""Rules about stored bars, judged once a day: have they fallen behind the exchange, are sessions missing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone

from titan_core.data.calendars import session_closes, sessions_between
from titan_core.errors import InvalidInput
from trading.models import Alert, AlertKind, AlertRule, Job, JobKind, Symbol, Universe
from trading.services.alerts.raising import Finding, raise_alert, window_of
from trading.services.alerts.rules import ensure_defaults
from trading.services.ingestions.quality import universe_quality
from trading.services.jobs import Report, handles
from trading.services.market_data import MarketDataService
from trading.utils import as_datetime64
from users.models import User

__all__ = ["Behind", "behind", "check_data", "sessions_behind"]

_AGAIN = timedelta(days=7)  # what stays as it is comes up again after a week
_KEPT = timedelta(days=180)  # alerts taken note of are kept so long
_GRACE = timedelta(hours=6)  # a session's bars need not be here the minute it closes
_SHIPPED = (Universe.Source.DEMO, Universe.Source.SYNTHETIC)  # these never get another bar


@dataclass(frozen=True, slots=True)
class Behind:
    """A symbol whose bars lack the newest `n_sessions` of its exchange."""

    ticker: str
    last: datetime
    n_sessions: int


@handles(JobKind.CHECK_DATA)
def check_data(job: Job, report: Report) -> None:
    """Judge every active rule on data; judging twice raises counts and makes no second alert."""
    now = timezone.now()
    report(0.0, stage="Rules")
    for user in User.objects.filter(is_active=True, alert_defaults=None):
        ensure_defaults(user)
    rules = list(
        AlertRule.objects.filter(
            is_active=True, owner__is_active=True, kind__in=(AlertKind.DATA_STALE, AlertKind.COVERAGE_LOW)
        )
        .select_related("owner")
        .order_by("pk")
    )
    universes = list(Universe.objects.order_by("pk"))
    n_found = 0
    for at, universe in enumerate(universes):
        report(at / len(universes), stage="Universes", message=universe.name)
        meant = [rule for rule in rules if _is_meant(rule, universe)]
        for rule, finding in _findings(universe, meant, now):
            raise_alert(rule, finding, now=now)
            n_found += 1
    Alert.objects.filter(acknowledged_at__lt=now - _KEPT, last_at__lt=now - _KEPT).delete()
    report(
        1.0,
        stage="",
        message=f"{len(rules):,} rules judged on {len(universes):,} universes, {n_found:,} alerts.",
    )


def behind(universe: Universe, *, now: datetime, grace: timedelta = _GRACE) -> list[Behind]:
    """Active symbols of a universe by how many sessions their daily bars are behind, the furthest first."""
    symbols = list(universe.symbols.active().order_by("ticker"))
    best = MarketDataService().coverage_sync([symbol.pk for symbol in symbols])
    found = [
        Behind(symbol.ticker, last, n)
        for symbol in symbols
        if symbol.pk in best and (last := best[symbol.pk].last_timestamp) is not None
        if (n := _missed(symbol, last, now - grace))
    ]
    return sorted(found, key=lambda one: (-one.n_sessions, one.ticker))


def _missed(symbol: Symbol, last: datetime, until: datetime) -> int:
    try:
        return sessions_behind(symbol.calendar, last, until)
    except InvalidInput:  # a calendar nobody knows tells nothing
        return 0


@lru_cache(maxsize=4096)
def sessions_behind(calendar: str, last: datetime, until: datetime) -> int:
    """Sessions of an exchange that closed after `last` and by `until`; holidays and weekends are none."""
    if until <= last:
        return 0
    days = sessions_between(calendar, last.date().isoformat(), until.date().isoformat())
    if not days.size:
        return 0
    closes = session_closes(calendar, days)
    first, end = (as_datetime64(moment) for moment in (last, until))
    return int(((closes > first) & (closes <= end)).sum())


def _findings(
    universe: Universe, rules: Sequence[AlertRule], now: datetime
) -> Iterable[tuple[AlertRule, Finding]]:
    """What these rules find in one universe; what is measured is measured once for all of them."""
    stale = [rule for rule in rules if rule.kind == AlertKind.DATA_STALE]
    gaps = [rule for rule in rules if rule.kind == AlertKind.COVERAGE_LOW]
    missing = behind(universe, now=now) if stale else []
    for rule in stale:
        late = [one for one in missing if one.n_sessions > rule.parameters["max_sessions"]]
        if late:
            yield rule, _stale(universe, late, now)
    quality = universe_quality(universe).quality if gaps else None
    for rule in gaps:
        if quality is not None and quality < rule.parameters["min_coverage"]:
            yield rule, _gaps(universe, quality, rule.parameters["min_coverage"], now)


def _stale(universe: Universe, late: Sequence[Behind], now: datetime) -> Finding:
    # The same symbols a week long are one alert; a symbol more is news.
    who = hashlib.sha256(",".join(sorted(one.ticker for one in late)).encode()).hexdigest()[:16]
    worst = late[0]
    sessions = "1 session" if worst.n_sessions == 1 else f"{worst.n_sessions:,} sessions"
    n = "1 symbol" if len(late) == 1 else f"{len(late):,} symbols"
    named = ", ".join(f"{one.ticker} (last bar {one.last.date()})" for one in late[:5])
    more = f" and {len(late) - 5:,} more" if len(late) > 5 else ""
    return Finding(
        what=f"stale:{universe.pk}:{who}:{window_of(now, _AGAIN)}",
        title=f"{universe}: {n} up to {sessions} behind",
        message=f"{named}{more}. Bring newer bars, or deactivate what no longer trades.",
        subject_type="universe",
        subject_id=universe.pk,
    )


def _gaps(universe: Universe, quality: float, least: float, now: datetime) -> Finding:
    return Finding(
        what=f"coverage:{universe.pk}:{window_of(now, _AGAIN)}",
        title=f"{universe}: {quality:.1%} of the sessions have a bar",
        message=f"You asked for {least:.1%}. The Data page shows by symbol and month what is missing.",
        subject_type="universe",
        subject_id=universe.pk,
    )


def _is_meant(rule: AlertRule, universe: Universe) -> bool:
    """The universe a rule names, or any that people brought, as long as its owner may see universes."""
    named = rule.parameters["universe"]
    chosen = named == universe.pk if named is not None else universe.source not in _SHIPPED
    return chosen and rule.owner.has_perm("trading.view_universe")
