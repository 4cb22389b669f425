"""``titan import-existing TABLE``: bars from a table that TITAN does not own, verified against their source."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table

from titan_core.errors import TitanError
from trading.management.commands.ingest import owner_named
from trading.management.setup import console, migrate
from trading.services.importing import (
    ColumnMap,
    Comparison,
    ImportOutcome,
    ImportRequest,
    ImportService,
    open_source,
)
from trading.services.importing.sources import FIELDS


class Command(BaseCommand):
    """Reads in pieces, stores as uploads are stored, and compares; run again, it goes on where it was cut."""

    help = "Imports daily bars from an existing table of PostgreSQL or SQLite, and verifies them by counts and hashes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the table is, and what its columns mean."""
        parser.add_argument(
            "table",
            help="table or view, with its schema: market.daily_bars; parts in double quotes where their names need it",
        )
        parser.add_argument(
            "--from",
            dest="url",
            metavar="URL",
            help="the database the table lies in: postgresql://user:password@host:5432/name, signs like @ or / in "
            "the password written %%40 or %%2F, or sqlite:///absolute/path; without it TITAN's own database of bars",
        )
        parser.add_argument(
            "--symbol-column", default="symbol", metavar="NAME", help="column of the tickers (symbol)"
        )
        parser.add_argument(
            "--time-column",
            default="timestamp",
            metavar="NAME",
            help="column of the days, or times (timestamp)",
        )
        for name in FIELDS:
            parser.add_argument(
                f"--{name}-column",
                metavar="NAME",
                default="close" if name == "close" else None,
                help="column of the close (close)" if name == "close" else f"column of the {name}, if any",
            )
        parser.add_argument(
            "--source",
            default="import",
            help="provenance its series carry, the name to find them by (import)",
        )
        parser.add_argument(
            "--adjustment",
            choices=("raw", "split", "total_return"),
            default="raw",
            help="what its prices are adjusted for (raw: nothing)",
        )
        parser.add_argument("--calendar", default="XNYS", help="exchange calendar (XNYS)")
        parser.add_argument("--timezone", help="of times without one, such as Europe/London")
        parser.add_argument(
            "--universe", help="name of a universe the symbols join; made where there is none"
        )
        parser.add_argument(
            "--user", help="whose imports they are; must be said in production (the demo account)"
        )
        parser.add_argument("--piece-rows", type=int, default=1_000_000, help="rows held at once (1,000,000)")
        parser.add_argument("--dry-run", action="store_true", help="read and check all, store nothing")
        parser.add_argument(
            "--verify-only", action="store_true", help="compare what is stored with the source"
        )
        parser.add_argument(
            "--restart", action="store_true", help="begin anew, not where the last run was cut"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and verify; exit code 1 where a bar is stored otherwise than its source has it."""
        try:
            self._run(options)
        except TitanError as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        fields = {name: options[f"{name}_column"] for name in FIELDS if options[f"{name}_column"]}
        columns = ColumnMap(options["symbol_column"], options["time_column"], fields)
        request = ImportRequest(
            source=open_source(options["table"], columns, options["url"]),
            provenance=options["source"].strip()[:40],
            adjustment=options["adjustment"],
            calendar=options["calendar"],
            timezone=options["timezone"],
            universe_name=options["universe"],
            piece_rows=max(options["piece_rows"], 1),
        )
        migrate()
        service, out = ImportService(), console()

        def say(words: str) -> None:
            out.print(words, markup=False)

        stores = not (options["dry_run"] or options["verify_only"])
        owner = owner_named(options["user"]) if stores else None  # asked before a long read
        say(f"{request.source.name}: {request.source.check():,} rows")
        if options["dry_run"]:
            _show(service.look_sync(request, say=say), would=True)
            return
        outcome = None
        if owner is not None:
            outcome = service.import_sync(request, owner=owner, say=say, restart=options["restart"])
            _show(outcome)
        say("Comparing with the source")
        _judge(service.verify_sync(request), outcome)


def _show(outcome: ImportOutcome, *, would: bool = False) -> None:
    out = console()
    verb = "would be stored" if would else "stored"
    already = f", {outcome.changed:,} changed, {outcome.unchanged:,} were there already" if not would else ""
    out.print(
        f"{outcome.n_rows:,} rows read: {outcome.stored:,} {verb}{already}, {outcome.quarantined:,} set aside",
        markup=False,
    )
    if outcome.reasons:
        table = Table(box=None, pad_edge=False)
        table.add_column("rows", justify="right")
        table.add_column("reason")
        for reason, count in sorted(outcome.reasons.items(), key=lambda item: -item[1]):
            table.add_row(f"{count:,}", reason)
        out.print(table)


def _judge(found: Comparison, outcome: ImportOutcome | None) -> None:
    """Say how source and store compare. Raises `CommandError` where a row is neither stored nor set aside."""
    out = console()
    out.print(
        f"{found.n_rows:,} rows in the source: {found.n_stored:,} stored to the last bit, {found.n_absent:,} not "
        f"stored, {found.n_different:,} stored otherwise; {found.n_beside:,} bars beside them",
        markup=False,
    )
    out.print(f"source sha256 {found.source_digest}\nstored sha256 {found.stored_digest}", markup=False)
    for words in found.examples:
        out.print(f"  {words}", markup=False)
    if not found.is_equal:
        raise CommandError(f"{found.n_different:,} bars differ from their source")
    if outcome is not None and found.n_absent != outcome.quarantined:
        raise CommandError(
            f"{found.n_absent:,} rows are not stored, but {outcome.quarantined:,} were set aside: the source has "
            "changed meanwhile; run again with --restart"
        )
