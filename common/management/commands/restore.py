"""``titan restore BACKUP``: puts a backup back into a fresh TITAN and compares fingerprints."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.backups import read, restore, total


class Command(BaseCommand):
    """Refuses to touch anything that is there, unless told."""

    help = (
        "Puts a backup back into empty databases and proves it by the fingerprint. Needs TITAN_SECRET_KEY of the "
        "backup and a TITAN that does not run; --replace overwrites what is there."
    )
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, and what may be lost."""
        parser.add_argument(
            "backup", type=Path, metavar="BACKUP", help="the folder titan-… that `titan backup` wrote"
        )
        parser.add_argument("--replace", action="store_true", help="what is there may be overwritten")
        parser.add_argument(
            "--other-key", action="store_true", help="the backup's TITAN_SECRET_KEY is lost; restore the rest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Put it back and say that it is the same."""
        backup = read(options["backup"])
        say = self.stdout.write if options["verbosity"] > 1 else (lambda words: None)
        found = restore(backup, replace=options["replace"], other_key=options["other_key"], say=say)
        self.stdout.write(f"Restored what {backup.created_at} held, equal in every row and file.")
        self.stdout.write(f"Fingerprint {total(found)}")
        self.stdout.write(
            f"It was written by TITAN {backup.version}: run `titan migrate` before TITAN starts."
        )
