"""Which database a model lives in."""

from typing import Any

from django.apps import apps
from django.db import models

__all__ = ["DEFAULT", "TIMESCALE", "TimescaleRouter"]

DEFAULT, TIMESCALE = "default", "timescale"


def database_of(model: type[models.Model]) -> str:
    """Alias of the model's database, read from the `common.models.OnTimescale` mark."""
    return TIMESCALE if getattr(model, "on_timescale", False) else DEFAULT


class TimescaleRouter:
    """Sends models marked `OnTimescale` to ``timescale`` and all else to ``default``; nothing lies in both."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Alias to read from."""
        return database_of(model)

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Alias to write to."""
        return database_of(model)

    def allow_relation(self, obj1: models.Model, obj2: models.Model, **hints: Any) -> bool:
        """Relations stay inside one database: no foreign key can cross."""
        return database_of(type(obj1)) == database_of(type(obj2))

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Whether an operation runs on `db`; always a yes or no, never "ask the next router".

        ``RunPython`` and ``RunSQL`` say theirs with ``hints={"database": …}``; without a hint they belong to
        ``default``, as third-party migrations do.
        """
        if "database" in hints:
            return bool(db == hints["database"])
        model = hints.get("model")
        if model is None and model_name is not None:
            try:
                model = apps.get_model(app_label, model_name)
            except LookupError:
                model = None  # a model that later migrations removed
        return db == (database_of(model) if model is not None else DEFAULT)
