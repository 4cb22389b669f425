"""Django's admin: each registered page opens, and rows of the software's own making can't be edited."""

import pytest
from django.contrib import admin as django_admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import Event
from tests.web.test_models import FIT, STATISTICS
from trading.models import (
    Alert,
    AlertChannel,
    AlertDelivery,
    AlertRule,
    CorporateAction,
    Ingestion,
    Job,
    PlantedPair,
    Price,
    Scan,
    ScanCandidate,
    Share,
    Symbol,
    TableLayout,
    TradingPair,
    Universe,
    Watch,
)
from users.models import User

OUR_LABELS = {"users", "common", "trading"}


def registered() -> list[type[models.Model]]:
    return [model for model in django_admin.site._registry if model._meta.app_label in OUR_LABELS]


@pytest.fixture
def rows(universe: Universe, trader: User) -> dict[type[models.Model], models.Model]:
    first, second = Symbol.objects.all()[:2]
    scan = Scan.objects.create(owner=trader, universe=universe)
    PlantedPair.objects.create(
        universe=universe,
        symbol_1=first,
        symbol_2=second,
        kind="cointegrated",
        hedge_ratio=1.0,
        half_life=9.0,
    )
    pair = TradingPair.objects.create(symbol_1=first, symbol_2=second, **FIT)
    candidate = ScanCandidate.objects.create(scan=scan, rank=1, symbol_1=first, symbol_2=second, **STATISTICS)
    job = Job.objects.create(kind="scan", owner=trader)
    event = Event.objects.create(stream="job_1", seq=1, type="job_update", payload={"a": 1})
    ingestion = Ingestion.objects.create(
        owner=trader, filename="a.csv", sha256="0" * 64, size=1, source="file"
    )
    found: list[models.Model] = [ingestion, universe, first, scan, pair, candidate, job, event, trader]
    return {type(row): row for row in found}


@pytest.fixture
def desk(rows: dict[type[models.Model], models.Model], trader: User) -> list[models.Model]:
    """One of each thing people arrange for themselves."""
    pair, now = TradingPair.objects.get(pk=rows[TradingPair].pk), timezone.now()
    rule = AlertRule.objects.create(owner=trader, kind="job_failed")
    alert = Alert.objects.create(
        owner=trader, rule=rule, kind="job_failed", severity="info", title="A", key="a", last_at=now
    )
    channel = AlertChannel.objects.create(owner=trader, kind="email", name="mail", address="tom@example.test")
    share = Share.objects.create(
        owner=trader, kind="pair", object_id=pair.pk, token_hash="5ec4e7" * 10, expires_at=now
    )
    layout = TableLayout.objects.create(owner=trader, table="pairs", name="Mine")
    delivery = AlertDelivery.objects.create(channel=channel, alert=alert)
    return [rule, alert, delivery, share, layout, Watch.objects.create(owner=trader, pair=pair)]


def test_what_people_arranged_is_shown_and_only_shown(
    client: Client, admin: User, desk: list[models.Model]
) -> None:
    client.force_login(admin)
    for row in desk:
        base = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        address = reverse(f"{base}_change", args=[row.pk])
        assert client.get(reverse(f"{base}_changelist")).status_code == 200, row
        page = client.get(address)
        assert page.status_code == 200, row
        assert "5ec4e7" not in page.content.decode(), row
        refused = [
            client.get(reverse(f"{base}_add")),
            client.post(address, {}),
            client.post(reverse(f"{base}_delete", args=[row.pk]), {"post": "yes"}),
        ]
        assert [answer.status_code for answer in refused] == [403, 403, 403], row


def test_secrets_and_addresses_of_channels_have_no_page() -> None:
    assert AlertChannel not in registered()


def test_every_page_of_the_admin_opens(
    client: Client, admin: User, rows: dict[type[models.Model], models.Model]
) -> None:
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200
    for model in registered():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{base}_changelist")).status_code == 200, model
        if model in rows:
            assert client.get(reverse(f"{base}_change", args=[rows[model].pk])).status_code == 200, model


def test_what_the_software_wrote_is_read_only(
    client: Client, admin: User, rows: dict[type[models.Model], models.Model]
) -> None:
    client.force_login(admin)
    for model in (Ingestion, Scan, ScanCandidate, Job, TradingPair, Event):
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{base}_add")).status_code == 403, model
        assert client.post(reverse(f"{base}_change", args=[rows[model].pk]), {}).status_code == 403, model


def test_symbols_are_deactivated_not_deleted(client: Client, admin: User, universe: Universe) -> None:
    client.force_login(admin)
    first = Symbol.objects.all()[0]
    assert (
        client.post(reverse("admin:trading_symbol_delete", args=[first.pk]), {"post": "yes"}).status_code
        == 403
    )
    client.post(
        reverse("admin:trading_symbol_changelist"), {"action": "deactivate", "_selected_action": [first.pk]}
    )
    assert not Symbol.objects.get(pk=first.pk).is_active


def test_models_with_a_composite_key_are_left_out() -> None:
    assert Price not in registered()
    assert CorporateAction not in registered()


@pytest.mark.parametrize("who", ["viewer", "trader"])
def test_only_admins_enter(who: str, client: Client, request: pytest.FixtureRequest) -> None:
    client.force_login(request.getfixturevalue(who))
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]
