"""Signals: the same decisions as the backtest's, written once, told once, marked where they prove nothing."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from common.models import Event
from tests.factories import small_panel
from titan_core.backtesting import backtest_pair
from titan_core.data import PricePanel
from titan_core.errors import InvalidInput
from titan_core.strategy import Rule, TradedPair
from trading.models import Alert, Ingestion, Job, JobKind, Signal, SignalState, TradingPair, Universe, Watch
from trading.services.jobs import JobService, conf, listeners
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.signals import decide
from trading.services.signals.decide import COSTS, read_pair
from trading.services.signals.rule import signal_rule
from trading.services.signals.triggers import job_ended
from trading.services.signals.update import update_signals
from trading.services.watching import WatchService
from trading.utils import as_datetime
from users.models import User

V1 = "/api/v1/"
FIT_END = small_panel().timestamps[250]


@pytest.fixture
def pair(universe: Universe, trader: User) -> TradingPair:
    """Fitted on the first 251 of 600 bars."""
    return PairAnalysisService().register_sync(
        symbol_1="AAA", symbol_2="AAB", created_by=trader, end_date=FIT_END.item().date()
    )


def legs(n_bars: int = 600) -> PricePanel:
    whole = small_panel().select(("AAA", "AAB"))
    return dataclasses.replace(whole, timestamps=whole.timestamps[:n_bars], values=whole.values[:n_bars])


def written(pair: TradingPair) -> list[tuple[Any, ...]]:
    rows = Signal.objects.filter(pair=pair).order_by("timestamp", "signal_type")
    return list(
        rows.values_list(
            "timestamp", "signal_type", "z_score", "spread_value", "confidence_score", "n_past", "in_sample"
        )
    )


RULES = [
    Rule(window=30),
    Rule(window=30, entry_z=1.5, exit_z=-0.5, stop_z=2.5, cooldown=4),
    Rule("ewma", window=20, entry_z=1.5, time_stop=6),
    Rule("kalman", window=20, entry_z=1.0),
    Rule("ou", window=40, entry_z=1.5, max_half_life=20.0),
    Rule(window=30, hedge_window=60, entry_z=1.5),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.entry_z}")
def test_decisions_are_those_of_the_backtest_to_the_last_bit(rule: Rule) -> None:
    traded = TradedPair("AAA", "AAB", 0.8)
    ours = read_pair(legs(), rule, traded)
    theirs = backtest_pair(legs(), traded, rule=rule, costs=COSTS, capital=1e5)
    entries = [one for one in ours.decisions if one.kind.startswith("ENTRY")]
    exits = [one for one in ours.decisions if not one.kind.startswith("ENTRY")]
    trades = theirs.trades
    assert len(entries) > 3
    # a decision at the last close has no bar left to be filled at
    n = len(trades["entry_decided_at"])
    assert len(entries) - n in {0, 1}
    assert [one.timestamp for one in entries[:n]] == list(trades["entry_decided_at"])
    closed = ~np.isnat(trades["exit_decided_at"]) & (np.asarray(trades["exit_reason"]) != "open")
    assert [one.timestamp for one in exits[: closed.sum()]] == list(trades["exit_decided_at"][closed])
    assert [one.kind.endswith("LONG") for one in entries[:n]] == list(np.asarray(trades["side"]) == "LONG")
    for one in ours.decisions:
        assert one.z_score == theirs.signals.z_score[one.bar]
        assert one.spread == theirs.signals.spread[one.bar]
    stops = {"exit": "EXIT", "stop_z": "STOP", "time_stop": "STOP"}
    told = [one.kind.split("_")[0] for one in exits[: closed.sum()]]
    assert told == [stops[reason] for reason in np.asarray(trades["exit_reason"])[closed]]


def test_no_decision_depends_on_a_later_bar() -> None:
    traded = TradedPair("AAA", "AAB", 0.8)
    whole = read_pair(legs(), RULES[1], traded).decisions
    for n in (200, 377, 599):
        assert read_pair(legs(n), RULES[1], traded).decisions == [one for one in whole if one.bar < n]


def test_written_once_marked_and_measured(pair: TradingPair) -> None:
    assert update_signals(pair).is_read
    first = written(pair)
    assert len(first) > 10
    for moment, *_, in_sample in first:
        assert in_sample == (moment <= pair.fit_end)
    assert not update_signals(pair).is_read
    SignalState.objects.update(version="")  # even read anew
    assert update_signals(pair).n_new == 0
    assert written(pair) == first
    assert Event.objects.filter(type="signal_update").count() <= 1, "history is no news"


def test_confidence_counts_only_what_was_known_and_out_of_sample(
    pair: TradingPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "MIN_TRADES", 4)
    update_signals(pair)
    traded = TradedPair("AAA", "AAB", pair.hedge_ratio, pair.intercept)
    trades = backtest_pair(legs(), traded, rule=signal_rule(), costs=COSTS, capital=1e6).trades
    rows = [
        (as_datetime(decided), as_datetime(filled), net > 0.0)
        for decided, filled, net, reason in zip(
            *(trades[n] for n in ("entry_decided_at", "exit_filled_at", "net_pnl", "exit_reason")),
            strict=True,
        )
        if reason != "open"
    ]
    counted = 0
    for moment, _, _, _, share, n_past, in_sample in written(pair):
        past = [
            won for decided, known, won in rows if known <= moment and (in_sample or decided > pair.fit_end)
        ]
        assert n_past == len(past)
        assert share == (sum(past) / len(past) if len(past) >= 4 else None)
        counted += share is not None
    assert counted > 5


def bring(day: int, move: float) -> datetime:
    """One bar more: as the last stored one, leg 1 moved."""
    stamp = legs().timestamps[-1:] + np.timedelta64(day, "D")
    newer = PricePanel(("AAA", "AAB"), stamp, legs().values[-1:] * [move, 1.0], "total_return")
    MarketDataService().ingest_panel_sync(newer, source="test")
    return as_datetime(stamp[0])


def test_what_is_new_is_published_and_told_once(
    pair: TradingPair, trader: User, viewer: User, client_of: Callable[[User], APIClient]
) -> None:
    Watch.objects.create(owner=viewer, pair=pair)
    update_signals(pair)
    Event.objects.all().delete()
    Alert.objects.all().delete()
    for day, move in ((1, 1.0), (2, 1.045), (3, 1.0), (4, 0.955), (5, 1.0)):  # there and back, to both sides
        bring(day, move)
        for _ in range(2):
            update_signals(pair)
            SignalState.objects.update(version="")  # read anew, and told no second time
    newest = set(Signal.objects.filter(pair=pair, timestamp__gt=as_datetime(legs().timestamps[-1])))
    assert len(newest) >= 2
    events = list(Event.objects.filter(stream=f"pair_{pair.pk}", type="signal_update").order_by("seq"))
    assert sorted(e.payload["id"] for e in events) == sorted(s.pk for s in newest)
    stamps = [e.payload["timestamp"] for e in events]
    assert stamps == sorted(stamps)
    shown = client_of(viewer).get(f"{V1}signals/{events[-1].payload['id']}/").json()
    assert shown == events[-1].payload
    mine = client_of(viewer).get(f"{V1}alerts/?kind=signal").json()["results"]
    assert len(mine) == len(events)
    assert all(alert["count"] == 1 for alert in mine)
    assert not Alert.objects.filter(owner=trader).exists(), "who does not watch is not told"


def test_a_corrected_bar_takes_back_what_it_no_longer_says(pair: TradingPair) -> None:
    update_signals(pair)
    last = Signal.objects.filter(pair=pair).latest("timestamp")
    bar = np.datetime64(last.timestamp.replace(tzinfo=None), "us")
    at = int(np.searchsorted(legs().timestamps, bar))
    neighbour = legs().values[at - 1 : at, :]
    flat = PricePanel(("AAA", "AAB"), legs().timestamps[at : at + 1], neighbour, "total_return")
    acted = Signal.objects.filter(pair=pair).exclude(pk=last.pk).latest("timestamp")
    Signal.objects.filter(pk=acted.pk).update(processed=True, z_score=99.0)
    MarketDataService().ingest_panel_sync(flat, source="test")
    update_signals(pair)
    kept = Signal.objects.get(pk=acted.pk)
    assert kept.z_score == 99.0, "what was acted on stays as it was"
    traded = TradedPair("AAA", "AAB", pair.hedge_ratio, pair.intercept)
    panel = MarketDataService().load_panel_sync(["AAA", "AAB"])
    said = {(as_datetime(d.timestamp), d.kind) for d in read_pair(panel, signal_rule(), traded).decisions}
    assert set(Signal.objects.filter(pair=pair).values_list("timestamp", "signal_type")) == said


def test_a_new_fit_marks_anew(pair: TradingPair) -> None:
    update_signals(pair)
    out = Signal.objects.filter(pair=pair, in_sample=False).count()
    PairAnalysisService().refit_sync(pair=pair, end_date=legs().timestamps[-1].item().date())
    pair.refresh_from_db()
    update_signals(pair)
    assert out
    assert not Signal.objects.filter(pair=pair, in_sample=False).exists(), "fitted on all bars"


def test_jobs_read_what_is_watched_or_the_pair_asked_for(
    pair: TradingPair, trader: User, viewer: User, client_of: Callable[[User], APIClient]
) -> None:
    nightly = JobService().enqueue_sync(kind=JobKind.SIGNALS, owner=None)
    assert JobService().run_sync(nightly.pk)
    assert not Signal.objects.exists()
    answer = client_of(viewer).post(f"{V1}pairs/{pair.pk}/signals/")
    assert answer.status_code == 202, answer.content
    assert JobService().run_sync(answer.json()["id"])
    page = client_of(viewer).get(f"{V1}pairs/{pair.pk}/signals/").json()
    assert page["count"] == Signal.objects.count() > 0
    stamps = [one["timestamp"] for one in page["results"]]
    assert stamps == sorted(stamps, reverse=True)
    assert {one["in_sample"] for one in page["results"]} == {True, False}
    Signal.objects.all().delete()
    SignalState.objects.all().delete()
    Watch.objects.create(owner=viewer, pair=pair)
    nightly = JobService().enqueue_sync(kind=JobKind.SIGNALS, owner=None)
    assert JobService().run_sync(nightly.pk)
    assert Signal.objects.count() == page["count"]


def test_filters(pair: TradingPair, viewer: User, client_of: Callable[[User], APIClient]) -> None:
    update_signals(pair)
    client = client_of(viewer)

    def count(query: str) -> int:
        answer = client.get(f"{V1}signals/?{query}")
        assert answer.status_code == 200, answer.content
        return int(answer.json()["count"])

    whole = Signal.objects.count()
    assert count(f"pair={pair.pk}") == whole
    assert count("pair=99999") == 0
    assert count("in_sample=true") + count("in_sample=false") == whole
    assert 0 < count("signal_type=ENTRY_LONG&signal_type=ENTRY_SHORT") < whole
    assert count(f"since={FIT_END}Z") == Signal.objects.filter(timestamp__gte=pair.fit_end).count()
    assert count("watched=true") == 0
    Watch.objects.create(owner=viewer, pair=pair)
    assert count("watched=true") == whole
    assert client.get(f"{V1}signals/?kind=x").status_code == 400
    pair.deactivate()
    assert count("") == 0


def test_a_pair_without_signals_says_why(pair: TradingPair) -> None:
    TradingPair.objects.filter(pk=pair.pk).update(hedge_ratio=-0.5)
    pair.refresh_from_db()
    assert not update_signals(pair).is_read
    assert "above 0" in SignalState.objects.get(pair=pair).message


@pytest.mark.django_db
def test_a_rule_that_needs_an_account_is_refused(settings: Any) -> None:
    settings.TITAN_SIGNAL_RULE = {"name": "rolling", "stop_loss": 0.1}
    with pytest.raises(InvalidInput, match="stop_loss"):
        signal_rule()
    assert Job.objects.count() == 0


def test_an_ingestion_that_brought_bars_starts_one_job(pair: TradingPair, trader: User) -> None:
    def waiting() -> int:
        return Job.objects.filter(kind=JobKind.SIGNALS, schedule_key__startswith="signals:after").count()

    def end(**report: int) -> None:
        nothing = {"stored": 0, "changed": 0, "actions": 0}
        ingestion = Ingestion.objects.create(
            owner=trader, filename="a.csv", sha256="0" * 64, size=1, source="file", report=nothing | report
        )
        job = Job.objects.create(
            kind=JobKind.INGEST,
            owner=trader,
            subject_type="ingestion",
            subject_id=ingestion.pk,
            status="COMPLETED",
        )
        for _ in range(2):
            job_ended(job)

    end()
    assert waiting() == 0, "it brought nothing"
    for n, brought in enumerate(("stored", "changed", "actions"), start=1):
        end(**{brought: 3})
        assert waiting() == n


def test_the_first_star_on_a_pair_reads_it(pair: TradingPair, trader: User, viewer: User) -> None:
    WatchService().watch_sync(owner=viewer, pair=pair)
    [job] = Job.objects.filter(kind=JobKind.SIGNALS)
    assert (job.subject_id, job.owner) == (pair.pk, None)
    assert JobService().run_sync(job.pk)
    assert Signal.objects.filter(pair=pair).exists()
    WatchService().watch_sync(owner=trader, pair=TradingPair.objects.get(pk=pair.pk))
    assert Job.objects.filter(kind=JobKind.SIGNALS).count() == 1


def test_the_schedule_names_them() -> None:
    assert "signals" in conf._SCHEDULE
    assert "trading.services.signals.triggers.job_ended" in listeners._ENDED
