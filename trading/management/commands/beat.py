"""``titan beat``: the clock of a production server."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Hints again at jobs whose message was lost, and starts the day's jobs."""

    help = "Keeps time in production: starts the day's jobs, sends lost messages again. One is enough, two do no harm."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep time until told to stop."""
        if settings.EMBEDDED:
            raise CommandError(
                "titan up keeps time itself; titan beat is for production "
                "(DJANGO_SETTINGS_MODULE=titan.settings.production)"
            )
        from trading.runtime.beat import beat

        beat()
