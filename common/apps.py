"""Django's handle on the shared app."""

from django.apps import AppConfig

from common.forks import watch_forks


class CommonConfig(AppConfig):
    """Shared models (the event log) and plumbing."""

    name = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Children forked from here on open database connections of their own."""
        watch_forks()
