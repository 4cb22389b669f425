"""Django's handle on the shared app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Shared models (the event log) and plumbing."""

    name = "common"
    default_auto_field = "django.db.models.BigAutoField"
