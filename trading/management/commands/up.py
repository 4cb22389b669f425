"""``titan up``: set up what is missing, serve, and say where."""

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.env import DemoAccount
from trading.management.server import NoAccessToPortError, PortTakenError, listen, serve
from trading.management.setup import console, demo, describe_account, migrate, warm
from users.services.accounts import active_admins

LOG_LIMIT_BYTES = 20_000_000


class Command(BaseCommand):
    """Migrates, compiles, loads the demo, serves: all in this one process and its job child."""

    help = "Sets up what is missing and serves TITAN on this machine (TITAN_HOST, TITAN_PORT)."
    requires_system_checks: tuple[str, ...] = ()  # set-up and tests check; a start need not, and is quicker

    def add_arguments(self, parser: CommandParser) -> None:
        """Address, and whether the demo is wanted."""
        parser.add_argument("--host", default=settings.ENVIRONMENT.host, help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.ENVIRONMENT.port, help="port to listen on")
        parser.add_argument("--no-demo", action="store_true", help="neither demo data nor demo account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until interrupted."""
        if not settings.EMBEDDED:
            raise CommandError(
                "titan up serves one machine with titan.settings.development; in production run an ASGI server on "
                "titan.asgi:application"
            )
        # The port first: nobody should wait for set-up only to hear that it is taken.
        try:
            listener = listen(options["host"], options["port"])
        except (PortTakenError, NoAccessToPortError) as error:
            raise CommandError(str(error)) from error
        with listener:
            _keep_private(settings.ENVIRONMENT.home)
            _trim(Path(settings.LOG_FILE))
            migrate()
            warm()
            account = None if options["no_demo"] else demo()
            needs_admin = (
                not active_admins().exists()
            )  # asked here: the banner is printed inside the event loop
            serve(listener, when_listening=lambda: _announce(listener, account, needs_admin=needs_admin))


def _keep_private(home: Path) -> None:
    """Databases and log are their owner's alone, in a folder that was there before and lets others in too."""
    os.umask(0o077)
    for pattern in ("titan.sqlite3*", "timescale.sqlite3*", "titan.log*"):
        for file in home.glob(pattern):
            with suppress(OSError):  # another's: then that account decides
                file.chmod(0o600)


def _announce(
    listener: socket.socket, account: tuple[DemoAccount, bool] | None, *, needs_admin: bool
) -> None:
    """The banner, printed once requests are answered."""
    host, port = listener.getsockname()[:2]
    shown = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    lines = ["", f"  TITAN is ready   http://{f'[{shown}]' if ':' in shown else shown}:{port}/"]
    if account is not None:
        lines.append(f"  Log in as        {describe_account(account[0], password_holds=account[1])}")
    if needs_admin:
        lines.append(
            "  First admin      titan invite NAME --role admin   (prints a link to set the password)"
        )
    lines += [
        f"  Data and log     {_short(Path(settings.TITAN_HOME))}",
        "  Stop             Ctrl-C",
        "",
    ]
    console().print("\n".join(lines), markup=False)


def _short(folder: Path) -> Path:
    """The folder as seen from here, if it lies below."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _trim(log: Path) -> None:
    """Put a big log aside; the one before it goes."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
