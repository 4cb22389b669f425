"""``titan fingerprint``: a hash of every table and of the files of runs, to compare two TITANs by."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.backups import fingerprint, total


class Command(BaseCommand):
    """Reads everything, changes nothing; TITAN may run."""

    help = "Prints a SHA-256 of every table of both databases and of the files of runs, at one instant."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """How it is printed."""
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read and print."""
        found = fingerprint()
        if options["json"]:
            plain = {
                group: {name: asdict(digest) for name, digest in named.items()}
                for group, named in found.items()
            }
            self.stdout.write(json.dumps(plain | {"total": total(found)}, sort_keys=True))
            return
        for group, named in found.items():
            for name, digest in named.items():
                self.stdout.write(f"{group:<10} {name:<40} {digest.n:>12,}  {digest.sha256[:16]}")
        self.stdout.write(f"Fingerprint {total(found)}")
