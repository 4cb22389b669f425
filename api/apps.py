"""Registration of the REST application with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """REST API: thin views over the services."""

    name = "api"
    verbose_name = "REST API"
    default_auto_field = "django.db.models.BigAutoField"
