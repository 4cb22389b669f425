"""``titan migrate``: both databases, unless one is named; one migrator at a time."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections

from trading.management.migration_lock import migrating
from trading.services.timescale import arrange


class Command(MigrateCommand):
    """Django's own command, over every database when ``--database`` is not given, then TimescaleDB's part."""

    help = "Brings both databases up to date (or the one named by --database)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's arguments; no database means all."""
        super().add_arguments(parser)
        parser.set_defaults(database=None)
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=600.0,
            metavar="SECONDS",
            help="how long to wait for another migrator (600)",
        )

    def check(self, *args: Any, **kwargs: Any) -> None:
        """Check the databases that are to be migrated: Django names the one of ``--database``, here perhaps none."""
        if kwargs.get("databases") == [None]:
            kwargs["databases"] = list(connections)
        super().check(*args, **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; with ``--check``, exit code 1 where either database lacks a migration."""
        named, timeout = options.pop("database"), options.pop("lock_timeout", 600.0)
        aliases = [named] if named else list(connections)
        if options["plan"] or options["check_unapplied"]:
            lacking = [self._lacks_any(alias, named is None, args, options) for alias in aliases]  # shows all
            if any(lacking):
                sys.exit(1)
            return
        with migrating(aliases, timeout_seconds=timeout, say=self._say(options)):
            for alias in aliases:
                self._head(alias, named is None, options)
                super().handle(*args, database=alias, **options)
            # where only a part was asked for, the tables need not be there
            if "timescale" in aliases and options.get("app_label") is None:
                arrange(connections["timescale"], self._say(options))

    def _lacks_any(self, alias: str, is_one_of_all: bool, args: Any, options: dict[str, Any]) -> bool:  # noqa: FBT001 - passed on
        """Show a database's plan; whether ``--check`` found something to do."""
        self._head(alias, is_one_of_all, options)
        try:
            super().handle(*args, database=alias, **options)
        except SystemExit as ended:
            return bool(ended.code)
        return False

    def _head(self, alias: str, is_one_of_all: bool, options: dict[str, Any]) -> None:  # noqa: FBT001 - passed on
        if options["verbosity"] >= 1 and is_one_of_all:
            self.stdout.write(self.style.MIGRATE_HEADING(f"Database {alias}:"))

    def _say(self, options: dict[str, Any]) -> Any:
        return lambda words: self.stdout.write(f"  {words}") if options["verbosity"] >= 1 else None
