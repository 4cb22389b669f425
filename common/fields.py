"""Model fields shared by the apps."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.dateparse import parse_datetime

__all__ = ["InstantField", "from_microseconds", "to_microseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

if TYPE_CHECKING:
    _Field = models.Field[Any, datetime]
else:
    _Field = models.Field  # generic to the type checker only


def to_microseconds(instant: datetime) -> int:
    """Microseconds since the epoch, exactly; a naive instant is refused, for nobody knows its zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone: bars are keyed by UTC instants")
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The UTC instant of `value` microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=value)


class InstantField(_Field):
    """A UTC instant: integer microseconds on SQLite (the engine's own key), ``timestamptz`` on PostgreSQL.

    Not a ``DateTimeField``: Django's date lookups and converters expect text on SQLite.
    """

    description = "UTC instant with microseconds"

    def get_internal_type(self) -> str:
        """Its own type, so that no backend converter for ``DateTimeField`` is applied."""
        return "InstantField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Column type on this database."""
        return "integer" if connection.vendor == "sqlite" else "timestamp with time zone"

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Type of a column that points here: the same."""
        return self.db_type(connection)

    def to_python(self, value: Any) -> datetime | None:
        """An aware datetime from a datetime, ISO text or microseconds."""
        if value is None:
            return None
        if isinstance(value, str):
            value = parse_datetime(value)
        if isinstance(value, int):
            return from_microseconds(value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        raise ValidationError("not an instant with a time zone, such as 2024-06-03T20:00:00Z", code="invalid")

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """What the driver is given."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        instant = self.to_python(value)
        return to_microseconds(instant) if instant is not None and connection.vendor == "sqlite" else instant

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> datetime | None:
        """The UTC instant a row holds."""
        if value is None:
            return None
        return from_microseconds(value) if isinstance(value, int) else value.astimezone(UTC)

    def value_to_string(self, obj: models.Model) -> str:
        """ISO text, for serialisers."""
        value = self.value_from_object(obj)
        return value.isoformat() if value is not None else ""
