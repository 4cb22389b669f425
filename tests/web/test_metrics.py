"""What Prometheus reads: names and units, closed sets of labels, who may read, bounded cost, sums over processes."""

import dataclasses
import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from rest_framework.test import APIClient

from common import metrics as measured
from common.metrics import route_of
from tests.web.routes import served
from titan import health
from titan.metrics import rows, view
from titan.metrics.rows import Rows
from trading.models import Ingestion, Job, Scan, Series, Symbol, Universe
from trading.models.workers import Worker
from trading.runtime import messages
from trading.services import figures
from trading.services.jobs import JobService
from users.models import User

pytestmark = pytest.mark.django_db

TOKEN = "t0ken-of-the-scraper-9f8e7d6c5b4a"
STRANGER = {"REMOTE_ADDR": "203.0.113.5"}


@pytest.fixture(autouse=True)
def asked_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read at each scrape; threads that ask the databases see nothing of a test's transaction."""
    monkeypatch.setattr(health, "_database", lambda alias: "ok")
    monkeypatch.setattr(view, "_rows", Rows(keep_seconds=0.0))


def scraped(**extra: Any) -> dict[str, Metric]:
    answer = Client().get("/metrics", **extra)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {family.name: family for family in text_string_to_metric_families(answer.content.decode())}


def value(found: dict[str, Metric], sample: str, **labels: str) -> float | None:
    """The one sample of this name with these labels."""
    values = [
        one.value
        for family in found.values()
        for one in family.samples
        if one.name == sample and labels.items() <= one.labels.items()
    ]
    assert len(values) <= 1, (sample, labels, values)
    return values[0] if values else None


def test_names_say_their_units_and_what_they_are(trader: User) -> None:
    JobService().cancel_sync(JobService().enqueue_sync(kind="scan", owner=trader).pk)
    JobService().enqueue_sync(kind="scan", owner=trader)
    scraped()
    found = scraped()
    for name, family in found.items():
        assert name.startswith("titan_"), name
        assert family.documentation.endswith("."), name
        assert (family.type == "counter") == any(one.name.endswith("_total") for one in family.samples), name
        if any(word in name for word in ("age", "lag", "duration", "oldest", "_read_")):
            assert name.endswith("_seconds"), name
        if any(word in name for word in ("disk", "resident")):
            assert name.endswith("_bytes"), name
        for one in family.samples:
            assert one.value >= 0, one
    labels = {name: {key for one in family.samples for key in one.labels} for name, family in found.items()}
    assert labels["titan_http_request_duration_seconds"] == {"method", "route", "status", "le"}
    assert labels["titan_jobs_pending"] == {"queue", "kind"}
    assert labels["titan_job_oldest_pending_seconds"] == {"queue"}
    assert labels["titan_database_up"] == {"database"}


def test_an_answer_is_counted_under_its_template(
    trader: User, client_of: Callable[[User], APIClient]
) -> None:
    labels = {"method": "GET", "route": "/api/v1/jobs/{pk}/", "status": "404"}
    count = "titan_http_request_duration_seconds_count"
    before = value(scraped(), count, **labels) or 0.0
    for pk in (998_001, 998_002):
        client_of(trader).get(f"/api/v1/jobs/{pk}/")
    found = scraped()
    assert value(found, count, **labels) == before + 2
    assert value(found, "titan_http_request_duration_seconds_bucket", le="+Inf", **labels) == before + 2


def test_labels_come_from_closed_sets(trader: User, client_of: Callable[[User], APIClient]) -> None:
    client, secret = client_of(trader), "c4n4ry-S3cr3t"
    for address in (f"/api/v1/{secret}/", f"/{secret}", f"/static/{secret}", f"/api/v1/shared/{secret * 4}/"):
        client.get(address)
    client.generic("BREW", f"/api/v1/symbols/?search={secret}")
    found = scraped()
    samples = found["titan_http_request_duration_seconds"].samples
    assert secret not in str(found)
    assert {one.labels["method"] for one in samples} <= measured._METHODS | {"OTHER"}
    assert {one.labels["status"] for one in samples} <= {str(code) for code in range(100, 600)}
    assert not [
        one
        for one in samples
        if any(character.isdigit() for character in one.labels["route"].replace("/v1/", ""))
    ]


def test_every_route_of_the_api_has_a_template_that_can_be_read() -> None:
    for route in served():
        pk = "5" if route.view.__name__ != "SessionViewSet" else "0" * 8 + "-0000" * 3 + "-" + "0" * 12
        address = "/api/v1/" + route.address.format(pk=pk, token="x" * 43)
        request = RequestFactory().get(address)
        request.resolver_match = resolve(address)
        assert route_of(request) == f"/api/v1/{route.address}"


def test_queues_as_their_rows_stand(trader: User, settings: Settings) -> None:
    now = timezone.now()
    old = JobService().enqueue_sync(kind="scan", owner=trader)
    Job.objects.filter(pk=old.pk).update(created_at=now - timedelta(minutes=10))
    JobService().enqueue_sync(kind="scan", owner=trader)
    JobService().enqueue_sync(kind="ingest", owner=trader)
    held = JobService().enqueue_sync(kind="backtest", owner=trader)
    settings.TITAN_JOB_LEASE_SECONDS = 10.0
    Job.objects.filter(pk=held.pk).update(status="RUNNING", lease_until=now - timedelta(seconds=20))
    found = scraped()
    assert value(found, "titan_jobs_pending", queue="compute", kind="scan") == 2
    assert value(found, "titan_jobs_pending", queue="ingest", kind="ingest") == 1
    assert value(found, "titan_jobs_running", kind="backtest") == 1
    assert value(found, "titan_job_oldest_pending_seconds", queue="compute") == pytest.approx(600, abs=30)
    assert value(found, "titan_job_oldest_pending_seconds", queue="trade") == 0
    assert value(found, "titan_job_lease_age_seconds") == pytest.approx(30, abs=20)


def test_ends_are_counted_and_the_count_outlives_the_rows(trader: User) -> None:
    before = figures.job_figures().ended
    for _ in range(3):
        JobService().cancel_sync(JobService().enqueue_sync(kind="scan", owner=trader).pk)
    nobodys = JobService().enqueue_sync(kind="no_such_kind", owner=trader)
    assert JobService().run_sync(nobodys.pk)
    Job.objects.all().delete()
    found = scraped()
    ended = "titan_jobs_ended_total"
    assert value(found, ended, kind="scan", status="CANCELLED") == before.get(("scan", "CANCELLED"), 0) + 3
    assert value(found, ended, kind="no_such_kind", status="FAILED") == 1


def test_workers_by_queue_and_how_they_are() -> None:
    now = timezone.now()
    for name, queues, seen, stopping in (
        ("a", ["compute", "ingest"], now, False),
        ("b", ["compute"], now, True),
        ("c", ["compute"], now - timedelta(minutes=2), False),
    ):
        Worker.objects.create(
            name=name,
            host="h",
            pid=1,
            queues=queues,
            version="1",
            started_at=now,
            seen_at=seen,
            stopping=stopping,
        )
    found = scraped()
    expected = {("compute", "up"): 1, ("compute", "stopping"): 1, ("compute", "silent"): 1}
    expected |= {("ingest", "up"): 1, ("trade", "up"): 0}
    for (queue, state), n in expected.items():
        assert value(found, "titan_workers", queue=queue, state=state) == n


def test_age_of_the_universes_people_made(universe: Universe) -> None:
    universe.source = Universe.Source.USER
    universe.save()
    newest = max(
        one.last_timestamp
        for symbol in universe.symbols.all()
        for one in symbol.series.all()
        if one.last_timestamp
    )
    age = value(scraped(), "titan_data_age_seconds", universe=universe.slug)
    assert age == pytest.approx((timezone.now() - newest).total_seconds(), abs=60)
    universe.source = Universe.Source.DEMO
    universe.save()
    assert value(scraped(), "titan_data_age_seconds", universe=universe.slug) is None


def test_universes_are_bounded_to_those_in_use(
    monkeypatch: pytest.MonkeyPatch, universe: Universe, trader: User
) -> None:
    """A desk may have thousands: those of the newest scans and uploads are labels, then those made last."""
    monkeypatch.setattr(figures, "MAX_UNIVERSES", 3)
    monkeypatch.setattr(figures, "_LOOK_BACK", 4)
    made = [Universe.objects.create(name=f"U{number}", slug=f"u{number}") for number in range(6)]
    for one in made:
        one.symbols.set(universe.symbols.all())
    assert set(figures.data_figures().age) == {"u3", "u4", "u5"}
    Scan.objects.create(owner=trader, universe=made[1])
    Ingestion.objects.create(
        owner=trader, universe=made[0], filename="a", sha256="0" * 64, size=1, source="file"
    )
    assert set(figures.data_figures().age) == {"u0", "u1", "u5"}
    for _ in range(4):
        Scan.objects.create(owner=trader)  # of no universe, and the look back has an end
    assert set(figures.data_figures().age) == {"u0", "u4", "u5"}


def test_what_goes_on_is_counted_whole(universe: Universe) -> None:
    """However many universes there are: one number rises when any feed stops."""
    now = timezone.now()
    series = list(Series.objects.filter(n_bars__gt=0).order_by("pk"))
    assert len(series) == 6
    early = now - timedelta(days=400)
    Series.objects.update(first_timestamp=early, last_timestamp=now - timedelta(days=1))
    Series.objects.filter(pk__in=[one.pk for one in series[:2]]).update(
        last_timestamp=now - timedelta(days=6)
    )
    found = figures.data_figures()
    assert found.series == {"fresh": 4, "old": 2}
    assert found.newest == pytest.approx(86_400, abs=60)
    text = scraped()
    assert value(text, "titan_data_series", state="old") == 2
    assert value(text, "titan_data_newest_age_seconds") == pytest.approx(86_400, abs=60)
    # what trades no more, or comes with TITAN, may end
    Symbol.objects.filter(pk=series[0].symbol_id).update(delisted_on=now.date())
    Symbol.objects.filter(pk=series[1].symbol_id).update(is_active=False)
    Series.objects.filter(pk=series[2].pk).update(source=Series.SHIPPED_WITH_TITAN[0])
    assert figures.data_figures().series == {"fresh": 3, "old": 0}
    Series.objects.update(source=Series.SHIPPED_WITH_TITAN[1])
    assert figures.data_figures().newest is None


def test_what_was_set_aside_is_told_where_there_is_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def all_is_well() -> health.States:
        return health.States({"default": "ok", "timescale": "ok"}, "ok")

    assert value(scraped(), "titan_broker_unreadable_total") is None
    monkeypatch.setattr(health, "states", all_is_well)
    monkeypatch.setattr(messages, "counted", lambda: 3)
    assert value(scraped(), "titan_broker_unreadable_total") == 3


def test_nobodys_name_is_told(trader: User, universe: Universe) -> None:
    universe.created_by, universe.source = trader, Universe.Source.USER
    universe.save()
    JobService().enqueue_sync(kind="scan", owner=trader)
    text = Client().get("/metrics").content.decode()
    for name in (trader.username, trader.email, "AAA", "AAB"):
        assert name not in text


@pytest.mark.parametrize(
    ("request_is", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, 200),
        (STRANGER, 404),
        ({"REMOTE_ADDR": ""}, 404),
        # a proxy on this machine brings strangers over loopback
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"HTTP_FORWARDED": "for=203.0.113.5"}, 404),
        ({"HTTP_X_REAL_IP": "127.0.0.1"}, 404),
        (STRANGER | {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "11.1.2.3"}, 404),
        ({"REMOTE_ADDR": "203.0.113.5", "HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 404),
        (STRANGER | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        (STRANGER | {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 404),
        (STRANGER | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN[:-1]}"}, 404),
        (STRANGER | {"HTTP_AUTHORIZATION": "Bearer "}, 404),
    ],
)
def test_who_may_read(settings: Settings, request_is: dict[str, str], status: int) -> None:
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, metrics_allow=(ipaddress.ip_network("10.0.0.0/8"),), metrics_token=TOKEN
    )
    answer = Client().get("/metrics", **request_is)
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["error"]["code"] == "not_found"


def test_without_a_token_set_none_opens() -> None:
    for shown in ("", "None", TOKEN):
        assert Client().get("/metrics", **STRANGER, HTTP_AUTHORIZATION=f"Bearer {shown}").status_code == 404


def test_a_declared_proxy_is_believed(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, metrics_allow=(ipaddress.ip_network("10.0.0.0/8"),)
    )
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    for hop, status in (("10.1.2.3", 200), ("203.0.113.5", 404), ("127.0.0.1", 404)):
        assert Client().get("/metrics", HTTP_X_FORWARDED_FOR=hop).status_code == status


def test_rows_are_asked_once_in_a_few_seconds_and_seldom(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "_rows", Rows(keep_seconds=60.0))
    for number in range(20):
        JobService().enqueue_sync(kind="scan", owner=trader)
        Universe.objects.create(name=f"U{number}", slug=f"u{number}")
    with CaptureQueriesContext(connection) as asked:
        scraped()
    assert len([one for one in asked if one["sql"].startswith("SELECT") and " FROM " in one["sql"]]) <= 8
    with CaptureQueriesContext(connection) as again:
        scraped()
    assert not [one for one in again if one["sql"].startswith("SELECT") and " FROM " in one["sql"]]


def test_rows_that_cannot_be_read_are_told_and_spoil_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OperationalError("no such table: c4n4ry")

    monkeypatch.setattr(figures, "job_figures", fails)
    found = scraped()
    assert value(found, "titan_rows_read") == 0
    assert value(found, "titan_database_up", database="default") == 1
    assert "titan_jobs_pending" not in found


MEASURES = """
import sys
from pathlib import Path
from common import metrics_folder
metrics_folder.share(Path(sys.argv[1]))
import django
django.setup()
from common import metrics
metrics.REQUEST_SECONDS.labels("GET", "/x", "200").observe(0.2)
metrics.SOCKET_CLIENTS.labels("signals").inc(int(sys.argv[2]))
if sys.argv[3] == "ask":
    for family in metrics.collected():
        for one in family.samples:
            if one.name.endswith(("_count", "clients")) and one.labels.get("route", "/x") == "/x":
                print(one.name, one.value)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Processes that share a folder of measurements."""
    running: list[subprocess.Popen[str]] = []

    def start(clients: int, *, ask: bool = False) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", MEASURES, str(tmp_path), str(clients), "ask" if ask else "no"]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(Path.cwd())}
        made = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        running.append(made)
        return made

    yield start
    for one in running:
        one.kill()
        one.communicate()


def heard(process: subprocess.Popen[str]) -> dict[str, float]:
    """What a process said until it was ready."""
    assert process.stdout is not None
    said: dict[str, float] = {}
    for line in process.stdout:
        if line == "ready\n":
            return said
        name, _, number = line.rpartition(" ")
        said[name] = float(number)
    raise AssertionError("it ended before it was ready")


def test_processes_are_summed_and_what_the_dead_counted_stays(
    processes: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    count, clients = "titan_http_request_duration_seconds_count", "titan_socket_clients"
    first, second = processes(3), processes(4)
    assert (heard(first), heard(second)) == ({}, {})
    third = heard(processes(5, ask=True))
    assert (third[count], third[clients]) == (3, 12)
    second.kill()
    second.wait()
    fourth = heard(processes(6, ask=True))
    assert (fourth[count], fourth[clients]) == (
        4,
        3 + 5 + 6,
    )  # a count never falls, clients of the dead are gone
    assert not list(tmp_path.glob(f"*_{second.pid}.db"))


def test_with_nobody_left_the_count_begins_anew(processes: Callable[..., subprocess.Popen[str]]) -> None:
    first = processes(3)
    heard(first)
    first.kill()
    first.wait()
    assert heard(processes(1, ask=True))["titan_http_request_duration_seconds_count"] == 1


def test_a_scrape_costs_less_than_a_page_of_symbols() -> None:
    """Families of one scrape, for the record that they are bounded: no label may be added that grows with use."""
    found = scraped()
    families = {name: len(family.samples) for name, family in found.items() if "http" not in name}
    assert sum(families.values()) < 400, json.dumps(families)
    assert len(rows.__all__) == 2
