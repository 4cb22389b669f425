"""Coverage of a universe by symbol and month, with the rows of uploads that were set aside."""

import datetime as dt
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from trading.models import Ingestion, QuarantinedBar, Universe
from users.models import User


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


@pytest.fixture
def ingestion(trader: User) -> Ingestion:
    return Ingestion.objects.create(owner=trader, filename="a.csv", sha256="0" * 64, size=1, options={})


def set_aside(ingestion: Ingestion, day: dt.datetime | None, *, is_warning: bool = False) -> None:
    QuarantinedBar.objects.create(
        ingestion=ingestion,
        row=2,
        symbol="AAA",
        timestamp=day,
        reason="non_positive",
        is_warning=is_warning,
        message="…",
        values={},
    )


def test_rows_set_aside_are_counted_in_their_month(
    client: APIClient, universe: Universe, ingestion: Ingestion
) -> None:
    set_aside(ingestion, dt.datetime(2019, 2, 28, 21, tzinfo=dt.UTC))
    for _ in range(2):
        set_aside(ingestion, dt.datetime(2019, 2, 1, tzinfo=dt.UTC))
    set_aside(ingestion, dt.datetime(2019, 3, 1, tzinfo=dt.UTC), is_warning=True)
    set_aside(ingestion, None)
    found = client.get(f"/api/v1/universes/{universe.pk}/coverage/").json()
    first, second, *_ = found["symbols"]
    assert first["ticker"] == "AAA"
    assert len(first["quarantined"]) == len(first["counts"]) == len(found["months"])
    by_month = dict(zip(found["months"], first["quarantined"], strict=True))
    assert {month: n for month, n in by_month.items() if n} == {"2019-02": 2}
    assert first["n_quarantined"] == 2, "days, however often their rows came in; a row without a day is none"
    assert sum(second["quarantined"]) == second["n_quarantined"] == 0
