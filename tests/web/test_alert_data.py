"""Rules on data: sessions, not days; once for the same thing; nothing about bars that came with TITAN."""

import datetime as dt
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
from django.utils import timezone

from tests.factories import small_panel
from titan_core.data import PricePanel
from trading.models import Alert, AlertKind, AlertRule, JobKind, Symbol, Universe
from trading.services.alerts.data import behind, sessions_behind
from trading.services.alerts.rules import ensure_defaults
from trading.services.jobs import JobService
from trading.services.market_data import MarketDataService
from users.models import User


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("calendar", "last", "until", "n"),
    [
        ("XNYS", "2025-11-26T21:00", "2025-11-27T23:00", 0),  # Thanksgiving is no session
        ("XNYS", "2025-11-26T21:00", "2025-11-28T17:00", 0),  # the day after closes at 18:00 UTC
        ("XNYS", "2025-11-26T21:00", "2025-11-28T18:00", 1),
        ("XNYS", "2025-11-28T18:00", "2025-11-30T12:00", 0),  # a weekend
        ("XNYS", "2025-11-28T18:00", "2025-12-02T22:00", 2),
        ("XLON", "2025-11-26T16:30", "2025-11-28T17:00", 2),  # London worked through it
        ("24/7", "2025-11-29T00:00", "2025-12-01T00:00", 2),
        ("XNYS", "2025-11-28T18:00", "2025-11-28T12:00", 0),
    ],
)
def test_age_is_counted_in_sessions(calendar: str, last: str, until: str, n: int) -> None:
    assert sessions_behind(calendar, utc(last), utc(until)) == n


@pytest.fixture
def now(universe: Universe) -> Iterator[dt.datetime]:
    """The evening of the session after the universe's last, with some hours to bring bars."""
    last = np.datetime64(small_panel().timestamps[-1], "D")
    moment = utc(f"{np.busday_offset(last, 2)}T02:00")
    with patch.object(timezone, "now", return_value=moment):
        yield moment


def check() -> None:
    job = JobService().enqueue_sync(kind=JobKind.CHECK_DATA, owner=None)
    assert JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert job.status == "COMPLETED", job.error


def rule_of(owner: User, kind: str, **parameters: object) -> AlertRule:
    ensure_defaults(owner)
    AlertRule.objects.filter(owner=owner).exclude(kind=kind).update(is_active=False)
    rule = AlertRule.objects.get(owner=owner, kind=kind)
    rule.parameters |= parameters
    rule.save()
    return rule


def test_one_session_is_forgiven_and_two_are_told(universe: Universe, trader: User, now: dt.datetime) -> None:
    rule_of(trader, AlertKind.DATA_STALE, max_sessions=1)
    assert {one.n_sessions for one in behind(universe, now=now)} == {1}
    check()
    assert Alert.objects.count() == 0
    with patch.object(timezone, "now", return_value=now + dt.timedelta(days=4)):
        check()
        check()
    alert = Alert.objects.get()
    assert (alert.count, alert.subject_type, alert.subject_id) == (2, "universe", universe.pk)
    assert alert.title.startswith("Small: 6 symbols up to ")
    assert "AAA (last bar " in alert.message
    assert "and 1 more" in alert.message


def test_newer_bars_end_it_and_a_deactivated_symbol_is_not_missed(
    universe: Universe, trader: User, now: dt.datetime
) -> None:
    rule_of(trader, AlertKind.DATA_STALE, max_sessions=0)
    panel = small_panel()
    day = panel.timestamps[-1] + (
        np.busday_offset(panel.timestamps[-1].astype("M8[D]"), 1) - panel.timestamps[-1].astype("M8[D]")
    )
    newer = PricePanel(panel.symbols[:5], np.array([day]), panel.values[-1:, :5], "total_return")
    MarketDataService().ingest_panel_sync(newer, source="test")
    check()
    assert Alert.objects.get().title == "Small: 1 symbol up to 1 session behind"
    Symbol.objects.get(ticker="DDD").deactivate()
    Alert.objects.all().delete()
    check()
    assert Alert.objects.count() == 0


def test_bars_that_came_with_titan_never_age_unless_named(
    universe: Universe, trader: User, now: dt.datetime
) -> None:
    Universe.objects.update(source=Universe.Source.DEMO)
    rule = rule_of(trader, AlertKind.DATA_STALE, max_sessions=0)
    check()
    assert Alert.objects.count() == 0
    rule.parameters["universe"] = universe.pk
    rule.save()
    check()
    assert Alert.objects.count() == 1


def test_another_universe_or_a_person_without_the_right(
    universe: Universe, trader: User, now: dt.datetime
) -> None:
    rule = rule_of(trader, AlertKind.DATA_STALE, max_sessions=0)
    rule.parameters["universe"] = universe.pk + 1
    rule.save()
    check()
    rule.parameters["universe"] = None
    rule.save()
    trader.groups.clear()
    check()
    assert Alert.objects.count() == 0


def test_missing_sessions(universe: Universe, trader: User, now: dt.datetime) -> None:
    # the small universe has every weekday, so every session; its holidays are more than that
    rule = rule_of(trader, AlertKind.COVERAGE_LOW, min_coverage=1.0)
    check()
    assert Alert.objects.count() == 0
    sparse = small_panel()
    keep = np.arange(sparse.timestamps.size) % 10 != 5
    gappy = PricePanel(("GAP",), sparse.timestamps[keep], sparse.values[keep, :1], "total_return")
    MarketDataService().create_symbol_sync(ticker="GAP")
    MarketDataService().ingest_panel_sync(gappy, source="test", universe=universe)
    rule.parameters["min_coverage"] = 0.995
    rule.save()
    check()
    check()
    alert = Alert.objects.get()
    assert (alert.kind, alert.count) == ("coverage_low", 2)
    assert "You asked for 99.5%" in alert.message


def test_everyone_is_given_the_usual_rules(
    universe: Universe, trader: User, other_trader: User, now: dt.datetime
) -> None:
    with patch.object(timezone, "now", return_value=now + dt.timedelta(days=30)):
        check()
    assert set(Alert.objects.values_list("owner__username", "kind")) == {
        ("tom", "data_stale"),
        ("tina", "data_stale"),
    }
