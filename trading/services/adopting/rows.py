"""Rows from one database into another as they are: same keys, same moments, nothing saved anew."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connections, models
from django.db.models.sql import InsertQuery

from common.faults import first_line, mending
from common.models import OnTimescale
from titan_core.errors import StoreError
from trading.services.adopting.digests import concrete_fields, values_of

__all__ = ["copied_models", "copy_rows", "reset_sequences"]

_CHUNK = 1_000
# Counts that triggers of the database move on with every write, this copy's too: each database has its own.
_COUNTED_BY_TRIGGERS = {"api.tableversion"}


def copied_models(*, on_timescale: bool) -> list[type[models.Model]]:
    """Every model with a table of its own in that database, in any order: foreign keys are checked at the end."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and issubclass(model, OnTimescale) == on_timescale
        and model._meta.label_lower not in _COUNTED_BY_TRIGGERS
    ]


def copy_rows(model: type[models.Model], source: str, target: str) -> int:
    """Copy every row, inside the caller's transaction; how many there were.

    Raises
    ------
    StoreError
        The target refuses a row, such as a text that is longer than its column; SQLite did not look.
    """
    try:
        if issubclass(model, OnTimescale):
            return _by_copy(model, source, target)
        return _by_insert(model, source, target)
    except DatabaseError as error:
        said = first_line(error)
        mend = mending(said) or "mend the row, then run this again"
        raise StoreError(f"{model._meta.db_table}: {said}. Nothing of it was kept; {mend}") from error


def reset_sequences(target: str) -> None:
    """Let new rows be numbered after those that came."""
    connection = connections[target]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), copied_models(on_timescale=False)):
            cursor.execute(statement)


def _by_insert(model: type[models.Model], source: str, target: str) -> int:
    """Through the model's fields, without what saving would add (``auto_now``, signals)."""
    fields = concrete_fields(model)
    names = [field.attname for field in fields]
    n_rows = 0
    rows = (model(**dict(zip(names, values, strict=True))) for values in values_of(model, source))
    for chunk in _chunks(rows):
        query = InsertQuery(model)
        query.insert_values(fields, chunk, raw=True)
        query.get_compiler(using=target).execute_sql()
        n_rows += len(chunk)
    return n_rows


def _by_copy(model: type[models.Model], source: str, target: str) -> int:
    """Bars come by the million: COPY."""
    names = [field.column for field in concrete_fields(model)]
    columns = ", ".join(f'"{name}"' for name in names)
    n_rows = 0
    with (
        connections[target].cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for values in values_of(model, source):
            copy.write_row(values)
            n_rows += 1
    return n_rows


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
