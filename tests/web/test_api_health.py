"""Readiness: each part is asked at once and for a limited time; what is amiss is named, and why stands in the log."""

import dataclasses
import threading
import time

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import AsyncClient, Client
from pytest_django import Settings

from titan import health
from tools.services import RedisServer

pytestmark = pytest.mark.django_db(databases=["default", "timescale"])


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    monkeypatch.setattr(health, "_asking", {})


def test_a_waiting_migration_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/readyz").json() == {
        "status": "ok",
        "databases": {"default": "ok", "timescale": "ok"},
    }
    monkeypatch.setattr(health, "_migrated", {known for known in health._migrated if known[0] != "default"})
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [("api", "0001")])
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "databases": {"default": "not migrated", "timescale": "ok"},
    }


def test_a_database_that_refuses_is_named_and_its_words_are_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(alias: str) -> bool:
        raise OperationalError("connection to server at 10.9.8.7 failed: password c4n4ry")

    monkeypatch.setattr(health, "_is_migrated", refused)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["databases"] == {"default": "unreachable", "timescale": "unreachable"}
    assert "10.9.8.7" not in answer.content.decode()
    assert "10.9.8.7" in caplog.text


async def test_checks_run_at_once_and_a_hanging_one_is_given_up_and_not_asked_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released, asked = threading.Event(), []

    def hang(alias: str) -> str:
        asked.append(alias)
        released.wait(20)
        return "ok"

    monkeypatch.setattr(health, "_database", hang)
    monkeypatch.setattr(health, "LIMIT_SECONDS", 0.3)
    began = time.monotonic()
    first = await AsyncClient().get("/readyz")
    took = time.monotonic() - began
    again = await health.states()
    released.set()
    assert first.status_code == 503
    assert first.json()["databases"] == {"default": "no answer", "timescale": "no answer"}
    assert again.databases == first.json()["databases"]
    assert sorted(asked) == ["default", "timescale"]  # one thread a part, however many probers come
    assert took < 0.3 * 2 + 5  # not one limit after the other for each prober


async def test_redis_is_asked_where_production_uses_it(settings: Settings) -> None:
    settings.EMBEDDED = False
    with RedisServer() as redis:
        settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, redis_url=redis.url)
        assert (await health.states()).redis == "ok"
        redis.kill()
        found = await health.states()
    assert (found.redis, found.are_ok, found.can_serve, found.word) == (
        "unreachable",
        False,
        True,
        "degraded",
    )
