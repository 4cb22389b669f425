"""Django's handle on the frontend app."""

from django.apps import AppConfig


class FrontendConfig(AppConfig):
    """Serves the built single-page application."""

    name = "frontend"
