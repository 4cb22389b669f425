"""``titan ingest FILE``: bars from a file into the store, in the terminal."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from common.env import demo_account
from titan_core.errors import TitanError
from trading.management.setup import console, migrate
from trading.models import Ingestion, Job, JobStatus, Universe
from trading.services.demo import DemoService
from trading.services.ingestion import IngestionService
from trading.services.jobs import JobService
from users.models import User

_POLL_SECONDS = 0.2


class PathUpload:
    """A file on this machine, as an upload."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name: str | None = path.name

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, in pieces."""
        with self.path.open("rb") as file:
            while chunk := file.read(2**20):
                yield chunk


class Command(BaseCommand):
    """Runs the same job as an upload in the application, here and now."""

    help = "Reads a file of daily bars (CSV, gzip, zip, Parquet) and stores what is good; the rest is listed."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and what it does not say itself."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--universe", help="name of a universe its symbols join; made where there is none"
        )
        parser.add_argument("--symbol", help="ticker, where the file names none")
        parser.add_argument("--source", help="provenance to note (file)")
        parser.add_argument("--adjustment", choices=("auto", "raw", "split", "total_return"), default="auto")
        parser.add_argument("--calendar", default="XNYS", help="exchange calendar (XNYS)")
        parser.add_argument("--timezone", help="of times written without one, such as Europe/London")
        parser.add_argument("--date-order", choices=("auto", "day_first", "month_first"), default="auto")
        parser.add_argument("--layout", choices=("auto", "long", "wide"), default="auto")
        parser.add_argument("--decimal", choices=("auto", ".", ","), default="auto")
        parser.add_argument(
            "--user", help="whose upload it is; must be said in production (the demo account)"
        )
        parser.add_argument("--rows", type=int, default=20, help="rows set aside to show (20)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Store, show; exit code 1 where nothing was stored."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}")
        migrate()
        names = ("symbol", "adjustment", "calendar", "timezone", "date_order", "layout", "decimal", "source")
        service = IngestionService()
        try:
            ingestion = service.request_sync(
                owner=owner_named(options["user"]),
                upload=PathUpload(path),
                universe_name=options["universe"],
                **{name: options[name] for name in names},
            )
        except TitanError as error:
            raise CommandError(str(error)) from error
        [described] = service.described_sync([ingestion])
        assert described.job is not None, "an ingestion is asked for with its job"  # noqa: S101 - narrows the type
        job = _run(described.job)
        ingestion.refresh_from_db()
        if job.status != JobStatus.COMPLETED or ingestion.report is None:
            raise CommandError(job.error or job.message or f"the job ended as {job.status}")
        _show(ingestion, job, options["rows"])
        if not any(ingestion.report[name] for name in ("stored", "changed", "unchanged")):
            raise CommandError("nothing was stored")


def owner_named(name: str | None) -> User:
    """Whose upload it is: the named user, else the demo account, made where it is missing."""
    if name is not None:
        found = User.objects.filter(username=name).first()
        if found is None:
            raise CommandError(f"there is no user {name!r}: `titan invite {name} --role trader` makes one")
        return found
    if not settings.EMBEDDED:  # where strangers may come there is no demo account, nor may one come about
        raise CommandError("say whose it is: --user NAME, an account of this TITAN")
    account = demo_account(settings.ENVIRONMENT)
    if not User.objects.filter(username=account.username).exists():
        DemoService().ensure_user_sync(account, reset_password=False)
    return User.objects.get(username=account.username)


def _run(job: Job) -> Job:
    """Do the job here, unless a running server was quicker; a bar tells how far it is."""
    ended = threading.Event()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True) as bar:
        watcher = threading.Thread(target=_watch, args=(job.pk, bar, ended), daemon=True)
        watcher.start()
        try:
            JobService().run_sync(job.pk)
            job.refresh_from_db()
            while job.is_active:  # a worker of the server has it
                ended.wait(_POLL_SECONDS)
                job.refresh_from_db()
        except KeyboardInterrupt:
            JobService().cancel_sync(job.pk)
            raise CommandError("cancelled; nothing was stored") from None
        finally:
            ended.set()
            watcher.join()
    return job


def _watch(job_id: int, bar: Progress, ended: threading.Event) -> None:
    """Draw the job's row."""
    task = bar.add_task("Waiting", total=1.0)
    with contextlib.suppress(Job.DoesNotExist):
        while not ended.wait(_POLL_SECONDS):
            job = Job.objects.only("progress", "stage").get(pk=job_id)
            bar.update(task, completed=job.progress, description=job.stage or "Waiting")
    connection.close()


def _show(ingestion: Ingestion, job: Job, limit: int) -> None:
    report: dict[str, Any] = ingestion.report or {}
    out = console()
    out.print(f"{ingestion.filename}: {job.message}", markup=False)
    read = ", ".join(f"{meaning} = {heading}" for meaning, heading in report["columns"].items())
    out.print(f"Read as {report['layout']}, {report['adjustment']} prices: {read}", markup=False)
    for note in report["notes"]:
        out.print(note, markup=False)
    if ingestion.universe is not None:
        universe: Universe = ingestion.universe
        out.print(
            f"Universe: {universe.name} ({universe.slug}), {universe.symbols.count():,} symbols", markup=False
        )
    if report["reasons"]:
        out.print(_reasons(report))
    shown = ingestion.rows.filter(is_warning=False).order_by("id")[:limit]
    for row in shown:
        out.print(f"  {row.reason}: {row.message}", markup=False)
    if report["quarantined"] > len(shown):
        out.print(f"  and {report['quarantined'] - len(shown):,} more (--rows)", markup=False)


def _reasons(report: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("rows", justify="right")
    table.add_column("reason")
    table.add_column("what to do")
    for row in report["reasons"]:
        kind = f"{row['reason']} (warning)" if row["is_warning"] else row["reason"]
        table.add_row(f"{row['count']:,}", kind, row["message"])
    return table
