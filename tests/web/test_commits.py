"""What is done after a commit fails alone: never the request or the job that has just been committed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from common.commits import after_commit
from tests.web.test_backtests import BACKTESTS, PAIR, finish
from trading.models import BacktestRun, Universe
from trading.services.backtesting import deletion
from users.models import User

ROOT = Path(__file__).resolve().parents[2]


def broken(*_: object) -> None:
    raise ConnectionError("the other database is down")


@pytest.mark.django_db(transaction=True)
def test_what_fails_is_logged_and_the_rest_is_done(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    with transaction.atomic():
        after_commit(broken, 1)
        after_commit(done.append, 2)
    after_commit(broken, 3)  # outside a transaction: at once
    assert done == [2]
    assert caplog.text.count("Error calling broken in on_commit()") == 2


@pytest.mark.django_db(databases=["default", "timescale"], transaction=True)
def test_a_run_is_deleted_while_its_points_can_not_be(
    universe: Universe, trader: User, client_of: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(trader)
    made = client.post(BACKTESTS, PAIR, format="json").json()
    finish(made["id"])
    monkeypatch.setattr(deletion, "_forget_points", broken)
    assert client.delete(f"{BACKTESTS}{made['id']}/").status_code == 204
    assert not BacktestRun.objects.exists()


def test_nothing_is_hung_on_a_commit_in_another_way() -> None:
    rooms = ("api", "channels_app", "common", "trading", "users", "titan")
    files = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    hung = [file for file in files if re.search(r"on_commit\(\s*(functools\.)?partial", file.read_text())]
    assert not hung
