"""``titan adopt FOLDER``: an embedded TITAN into production's databases."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from titan_core.errors import TitanError
from trading.management.setup import console
from trading.services.adopting import AdoptService


class Command(BaseCommand):
    """Users, pairs, runs, bars and artefacts, with their keys; compared afterwards, table by table."""

    help = (
        "Copies an embedded TITAN into new PostgreSQL databases, and verifies every table by count and hash. Run it "
        "with production's environment, after `titan migrate` there, once the embedded TITAN is stopped; both must "
        "be of the same release. Its folder is only read. Where it fails, mend what it says and run it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder."""
        parser.add_argument(
            "folder",
            type=Path,
            metavar="FOLDER",
            help="TITAN_HOME of the embedded TITAN, which must be stopped: where titan.sqlite3 lies",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Adopt; exit code 1, and nothing kept, where it can't be done."""
        out = console()
        try:
            adopted = AdoptService().adopt_sync(
                options["folder"].expanduser().resolve(),
                say=lambda words: out.print(f"  {words}", markup=False),
            )
        except TitanError as error:
            raise CommandError(str(error)) from error
        total = sum(adopted.rows.values())
        out.print(
            f"{total:,} rows in {len(adopted.rows)} tables and {adopted.n_artefacts:,} artefacts are the same here"
        )
        out.print("Do not start the other again: what it wrote from now on would not be here", markup=False)
        if adopted.locked is not None:
            out.print(
                f"The password of the demo account does not hold here. titan invite {adopted.locked} gives it another; "
                "or deactivate it under People",
                markup=False,
            )
        if not adopted.knows_secret:
            out.print(
                "Second factors and the secrets of webhooks were sealed under another key: put that TITAN's (the file "
                "secret-key in its folder) into TITAN_SECRET_KEY_FALLBACKS, then run titan reseal",
                markup=False,
            )
