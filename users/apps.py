"""Django's handle on the users app."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    """Accounts, and the three roles kept in step with the models after every migration."""

    name = "users"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Grant each role its permissions once an app's permissions exist; write sign-outs down."""
        from users.roles import grant_after_migrate
        from users.services.sign_in import signed_out

        post_migrate.connect(grant_after_migrate, dispatch_uid="users.roles.grant_after_migrate")
        user_logged_out.connect(signed_out, dispatch_uid="users.services.sign_in.signed_out")
