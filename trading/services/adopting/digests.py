"""A fingerprint of a table's rows that is the same on SQLite and on PostgreSQL."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

__all__ = ["TableDigest", "concrete_fields", "digest", "values_of"]

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class TableDigest:
    """How many rows, and a hash of them in whatever order they come: databases sort text differently."""

    n_rows: int
    sha256: str


def digest(model: type[models.Model], alias: str) -> TableDigest:
    """Count and hash of a model's rows in a database: the sum of the rows' own hashes."""
    total = n_rows = 0
    for values in values_of(model, alias):
        text = json.dumps([_plain(value) for value in values], sort_keys=True, ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        n_rows += 1
    return TableDigest(n_rows, f"{total % 2**256:064x}")


def values_of(model: type[models.Model], alias: str) -> Iterator[tuple[Any, ...]]:
    """Rows as the model's fields read them, a bounded number in memory."""
    names = [field.attname for field in concrete_fields(model)]
    rows: Iterator[tuple[Any, ...]] = (
        model._base_manager.using(alias).order_by().values_list(*names).iterator(chunk_size=_CHUNK)
    )
    return rows


def concrete_fields(model: type[models.Model]) -> list[Any]:
    """Columns of the model's own table, each once."""
    return [field for field in model._meta.local_concrete_fields if field.column is not None]


def _plain(value: Any) -> Any:
    """A cell as text or number that both databases agree on."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        # a whole number in JSON comes back as an integer from one database and as a float from the other
        return int(value) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return (
            value.astimezone(dt.UTC).isoformat(timespec="microseconds") if value.tzinfo else value.isoformat()
        )
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(cell) for cell in value]
    return value if isinstance(value, str | int) else str(value)
