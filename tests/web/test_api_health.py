"""Readiness: a database that is not migrated is not ready."""

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from titan import health


@pytest.mark.django_db(databases=["default", "timescale"])
def test_a_waiting_migration_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    assert Client().get("/readyz").json()["databases"] == {"default": "ok", "timescale": "ok"}
    monkeypatch.setattr(health, "_migrated", set())
    MigrationRecorder.Migration.objects.filter(app="api").delete()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["databases"]["default"] == "not migrated"
