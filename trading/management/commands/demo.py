"""``titan demo``: the demo universes and account, on databases that are migrated."""

from typing import Any

from django.core.management.base import BaseCommand

from trading.management.setup import demo, describe_account, migrate


class Command(BaseCommand):
    """Loads what is missing of the demo and prints the account."""

    help = "Loads the demo universes and makes the demo account; asked again, it only prints the account."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print."""
        migrate()
        account, password_holds = demo()
        self.stdout.write(describe_account(account, password_holds=password_holds))
