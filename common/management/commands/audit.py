"""``titan audit verify``: reads the audit trail from its first entry and checks every seal."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import audit
from common.audit_triggers import installed
from common.models import AuditEntry


class Command(BaseCommand):
    """Says whether the trail is whole; exits with 1 where it is not."""

    help = "Checks the audit trail: every entry's seal, the count, and that the database refuses changes."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and what to compare with."""
        parser.add_argument("action", choices=["verify"])
        parser.add_argument(
            "--head",
            metavar="N:DIGEST",
            help="a number and digest noted earlier: proves that the trail still goes through them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify."""
        from django.db import connection

        verdict = audit.verify()
        if not verdict.ok:
            raise CommandError(
                f"the audit trail is broken at entry {verdict.first_broken}: that entry or the one before it was "
                "changed, removed or slipped in, or SECRET_KEY is not the one it was written under"
            )
        if options["head"]:
            self._check_head(options["head"])
        self.stdout.write(f"{verdict.n_entries:,} entries, all sealed as they were written.")
        self.stdout.write(f"Head, to note elsewhere: {verdict.n_entries}:{verdict.head}")
        if not installed(connection):
            raise CommandError(
                "the database's own triggers against changes are gone: run `titan migrate common 0001` only on "
                "an empty trail; otherwise have them made again with common.audit_triggers.install"
            )

    @staticmethod
    def _check_head(noted: str) -> None:
        if re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", noted, re.ASCII) is None:
            raise CommandError(
                f"--head {noted}: give the number and the whole digest as an earlier verify printed it, N:DIGEST"
            )
        number, _, digest = noted.partition(":")
        if not AuditEntry.objects.filter(pk=int(number), digest=digest).exists():
            raise CommandError(
                f"the trail does not go through {noted}: entries written by then have been replaced"
            )
