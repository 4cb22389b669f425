"""Django's handle on the users app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    """Accounts, and the three roles kept in step with the models after every migration."""

    name = "users"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Grant each role its permissions once an app's permissions exist."""
        from users.roles import grant_after_migrate

        post_migrate.connect(grant_after_migrate, dispatch_uid="users.roles.grant_after_migrate")
