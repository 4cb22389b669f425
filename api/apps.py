"""Registration of the REST application with Django."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApiConfig(AppConfig):
    """REST API: thin views over the services."""

    name = "api"
    verbose_name = "REST API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """End tokens and tell sockets when accounts say that access ended or changed."""
        from api import receivers, table_versions
        from users.signals import access_changed, access_ended

        post_migrate.connect(table_versions.install, sender=self, dispatch_uid="api.table_versions.install")
        access_ended.connect(receivers.end_tokens, dispatch_uid="api.receivers.end_tokens")
        access_changed.connect(receivers.recheck_sockets, dispatch_uid="api.receivers.recheck_sockets")
