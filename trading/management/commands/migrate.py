"""``titan migrate``: both databases, unless one is named."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections


class Command(MigrateCommand):
    """Django's own command, over every database when ``--database`` is not given."""

    help = "Brings both databases up to date (or the one named by --database)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's arguments; no database means all."""
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def check(self, *args: Any, **kwargs: Any) -> None:
        """Check the databases that are to be migrated: Django names the one of ``--database``, here perhaps none."""
        if kwargs.get("databases") == [None]:
            kwargs["databases"] = list(connections)
        super().check(*args, **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        named = options.pop("database")
        for alias in [named] if named else list(connections):
            if options["verbosity"] >= 1 and not named:
                self.stdout.write(self.style.MIGRATE_HEADING(f"Database {alias}:"))
            super().handle(*args, database=alias, **options)
