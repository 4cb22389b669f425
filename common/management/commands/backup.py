"""``titan backup FOLDER``: both databases of one instant and the files of runs, with their fingerprint."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.backups import take


class Command(BaseCommand):
    """Writes a new folder below the one named; TITAN may go on running."""

    help = (
        "Writes a backup of both databases and the files of runs into a new folder of FOLDER. TITAN may run. "
        "TITAN_SECRET_KEY is not in it: keep a copy elsewhere."
    )
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument(
            "folder",
            type=Path,
            metavar="FOLDER",
            help="where backups lie, on a disk with room for both databases; each goes into a new folder titan-…",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it and say what it is."""
        say = self.stdout.write if options["verbosity"] > 1 else (lambda words: None)
        backup = take(options["folder"], say=say)
        n_rows = sum(table.n for alias in backup.dumps for table in backup.fingerprint[alias].values())
        n_files = backup.fingerprint["artefacts"]["artefacts"].n
        self.stdout.write(f"{backup.folder}: {n_rows:,} rows, {n_files:,} files of runs.")
        self.stdout.write(f"Fingerprint {backup.total}")
        self.stdout.write(
            "TITAN_SECRET_KEY is not in it. Keep a copy of it elsewhere: authenticators and secrets of channels do not "
            "open without it, and the audit trail does not verify."
        )
