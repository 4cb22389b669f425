"""The event log: order, gaps, hints, JSON, pruning."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone

from common import events
from common.models import Event, EventStream
from titan_core.errors import InvalidInput


@pytest.mark.django_db
def test_each_stream_counts_for_itself() -> None:
    seqs = [events.publish(stream, "t", {}).seq for stream in ("job_1", "job_2", "job_1", "job_1")]
    assert seqs == [1, 1, 2, 3]
    assert events.last_seq("job_1") == 3
    assert events.last_seq("job_9") == 0
    assert [event.seq for event in events.latest("job_1", after=1)] == [2, 3]
    assert [event.seq for event in events.latest("job_1", limit=2)] == [1, 2]


@pytest.mark.django_db
def test_newer_returns_what_each_cursor_has_not_seen() -> None:
    for stream in ("job_1", "job_2", "job_1", "pair_1"):
        events.publish(stream, "t", {})
    found = events.newer({"job_1": 1, "job_2": 1, "job_3": 0})
    assert [(event.stream, event.seq) for event in found] == [("job_1", 2)]


@pytest.mark.django_db
def test_newer_watches_more_streams_than_a_query_takes() -> None:
    events.publish("job_4999", "t", {})
    assert [e.stream for e in events.newer({f"job_{n}": 0 for n in range(5000)})] == ["job_4999"]


@pytest.mark.django_db(transaction=True)
def test_hints_come_after_commit_and_not_after_rollback() -> None:
    heard: list[str] = []
    stop = events.on_hint(heard.append)
    try:
        with transaction.atomic():
            events.publish("job_1", "t", {})
            assert heard == []
        assert heard == ["job_1"]
        with transaction.atomic():
            events.publish("job_2", "t", {})
            transaction.set_rollback(True)
        assert heard == ["job_1"]
    finally:
        stop()
    events.publish("job_1", "t", {})
    assert heard == ["job_1"]


@pytest.mark.django_db(transaction=True)
def test_a_broken_listener_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def broken(stream: str) -> None:
        raise RuntimeError("broken")

    stops = [events.on_hint(broken), events.on_hint(heard.append)]
    try:
        events.publish("job_1", "t", {})
    finally:
        for stop in stops:
            stop()
    assert heard == ["job_1"]
    assert "listener of events failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_leave_no_gap_and_no_double() -> None:
    n_threads, n_each = 4, 15
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(n_each):
                with transaction.atomic():
                    events.publish("job_1", "t", {})
                    events.publish("user_1", "t", {})
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for stream in ("job_1", "user_1"):
        assert [event.seq for event in events.latest(stream, limit=1000)] == list(
            range(1, n_threads * n_each + 1)
        )


@pytest.mark.parametrize("name", ["", "job", "job_", "job_x", "JOB_1", "job_1 ", "job_1\n", "x" * 80 + "_1"])
@pytest.mark.django_db
def test_stream_names_are_checked(name: str) -> None:
    with pytest.raises(InvalidInput, match="name it"):
        events.publish(name, "t", {})


def test_payloads_are_json_without_nan() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    payload = {
        "nan": float("nan"),
        "inf": [float("inf"), -float("inf"), 1.5],
        "numpy": np.array([1.0, np.nan]),
        "scalar": np.float64("nan"),
        "count": np.int64(3),
        "flag": np.bool_(True),
        "when": moment,
        "pair": ("a", None),
        5: True,
    }
    assert events.json_safe(payload) == {
        "nan": None,
        "inf": [None, None, 1.5],
        "numpy": [1.0, None],
        "scalar": None,
        "count": 3,
        "flag": True,
        "when": "2026-01-02T03:04:05Z",
        "pair": ["a", None],
        "5": True,
    }


@pytest.mark.django_db
def test_pruning_keeps_the_newest_and_the_count() -> None:
    for _ in range(5):
        events.publish("job_1", "t", {})
    events.publish("job_2", "t", {})
    Event.objects.update(created_at=timezone.now() - timedelta(days=40))
    events.publish("job_3", "t", {})
    before = timezone.now() - timedelta(days=30)
    assert events.prune(before=before, batch=3) == 3
    assert events.prune(before=before, batch=3) == 1
    assert events.prune(before=before, batch=3) == 0
    assert sorted(Event.objects.values_list("stream", "seq")) == [("job_1", 5), ("job_2", 1), ("job_3", 1)]
    assert events.publish("job_1", "t", {}).seq == 6


@pytest.mark.django_db
def test_a_forgotten_stream_is_gone_whole() -> None:
    events.publish("job_1", "t", {})
    events.publish("job_2", "t", {})
    events.forget(["job_1"])
    assert list(EventStream.objects.values_list("pk", flat=True)) == ["job_2"]
    assert list(Event.objects.values_list("stream", flat=True)) == ["job_2"]


@pytest.mark.django_db
def test_envelope() -> None:
    event = events.publish("job_7", "job_update", {"progress": 0.5})
    sent = events.envelope(event)
    assert sent["timestamp"].endswith("Z")
    assert {key: sent[key] for key in ("type", "stream", "seq", "data")} == {  # type: ignore[literal-required]
        "type": "job_update",
        "stream": "job_7",
        "seq": 1,
        "data": {"progress": 0.5},
    }
