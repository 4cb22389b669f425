"""``titan web``: serves requests and sockets in production, with several processes on one port."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trading.management.server import NoAccessToPortError, PortTakenError, listen, serve_with


class Command(BaseCommand):
    """Serves until SIGTERM: requests under way are answered first."""

    help = "Serves TITAN in production (TITAN_HOST, TITAN_PORT) with several processes; TLS is a proxy's in front."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Address and number of processes."""
        parser.add_argument("--host", default=settings.ENVIRONMENT.host, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.ENVIRONMENT.port, help="port to listen on")
        parser.add_argument("--processes", type=int, default=2, help="server processes; default 2")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to stop."""
        if settings.EMBEDDED:
            raise CommandError(
                "titan web is for production (DJANGO_SETTINGS_MODULE=titan.settings.production); "
                "on your own machine use titan up"
            )
        processes = options["processes"]
        if not 1 <= processes <= 64:
            raise CommandError(f"--processes is {processes}: use a number from 1 to 64")
        try:
            listener = listen(options["host"], options["port"])
        except (PortTakenError, NoAccessToPortError) as error:
            raise CommandError(str(error)) from error
        with listener:
            serve_with(processes, listener)
