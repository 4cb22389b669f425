"""``titan invite NAME``: an account and a link to set its password with; how the first admin comes in."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from titan_core.errors import TitanError
from users.models import User
from users.roles import Role
from users.services import accounts, invitations


class Command(BaseCommand):
    """Makes the account where there is none, and a link in any case; whoever holds the machine may."""

    help = (
        "Makes an account, or finds the one of that name, and prints a link to set its password with. This is how "
        "the first admin comes in, and how an admin who is locked out comes back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, as what, and where the server is."""
        parser.add_argument("username")
        parser.add_argument(
            "--role", choices=Role.values, help="viewer for a new account unless said otherwise"
        )
        parser.add_argument(
            "--email", default="", help="where the link is mailed too, with TITAN_EMAIL_URL set"
        )
        parser.add_argument("--url", help="address of the server, such as https://titan.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, invite, say so."""
        base = _checked(options["url"]) if options["url"] else _address()
        role = Role(options["role"]) if options["role"] else None
        try:
            with transaction.atomic():
                user = self._account(options["username"], role, options["email"])
                link = invitations.invite(user, by=None, address=lambda path: f"{base}{path}")
        except TitanError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{user.username} ({user.role}) sets the password here, once, by {link.expires_at:%Y-%m-%d}:"
        )
        self.stdout.write(link.url)
        if link.mailed:
            self.stdout.write(f"It was mailed to {user.email} too.")

    @staticmethod
    def _account(username: str, role: Role | None, email: str) -> User:
        user = User.objects.filter(username=username).first()
        if user is None:
            try:
                User.username_validator(username)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            return accounts.create(by=None, username=username, role=role or Role.VIEWER, email=email)
        return accounts.change(user, by=None, role=role, email=email or user.email)


def _checked(url: str) -> str:
    """The address given, without the stroke at its end; a link made of anything else would lead nowhere."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CommandError(f"--url {url}: give the server's whole address, such as https://titan.example.org")
    return url.rstrip("/")


def _address() -> str:
    """Where this server is, as far as its settings tell."""
    environment = settings.ENVIRONMENT
    if not settings.EMBEDDED:
        return f"https://{environment.allowed_hosts[0].lstrip('.')}"
    host = "localhost" if environment.host in {"0.0.0.0", "::"} else environment.host  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{environment.port}"
