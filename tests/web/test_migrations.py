"""Migrations keep tables usable by the release before: its processes go on writing while the new one migrates."""

import pytest
from django.apps import apps
from django.db import connections, models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

# The last migration of each app before TITAN was upgraded in place anywhere.
BASELINE = {"trading": 11, "api": 4, "users": 2, "common": 2}
BREAKING = (ops.RemoveField, ops.RenameField, ops.DeleteModel, ops.RenameModel, ops.AlterModelTable)


def later_operations() -> list[tuple[str, str, ops.base.Operation]]:
    loader = MigrationLoader(connections["default"])
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in BASELINE and int(name[:4]) > BASELINE[app]:
            flat = [
                one
                for operation in migration.operations
                for one in getattr(operation, "database_operations", [operation])
            ]
            found += [(app, f"{app}.{name}", one) for one in flat]
    return found


@pytest.mark.django_db
def test_a_column_that_is_added_has_a_default_in_the_database() -> None:
    """Django fills the rows there are and drops its default again, so the release before could insert no more."""
    without = []
    for app, where, operation in later_operations():
        if not isinstance(operation, ops.AddField):
            continue
        try:
            model = apps.get_model(app, operation.model_name)
            field = model._meta.get_field(operation.name)
        except LookupError:
            continue  # gone again
        if isinstance(field, models.ManyToManyField) or field.null or field.db_default is not NOT_PROVIDED:
            continue
        without.append(f"{where}: {operation.model_name}.{operation.name} wants db_default= or null=True")
    assert without == []


@pytest.mark.django_db
def test_nothing_is_taken_away() -> None:
    """One release stops using it, the next takes it away: then its migration is named in `leave`."""
    leave: set[str] = set()
    broken = [
        f"{where}: {type(operation).__name__}"
        for _, where, operation in later_operations()
        if isinstance(operation, BREAKING) and where not in leave
    ]
    assert broken == []
