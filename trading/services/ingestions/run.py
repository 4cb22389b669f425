"""An ingestion's job, stage by stage: read, check, store, report; the same rows however often interrupted."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from titan_core.data.files import BarFile, FileOptions, RowReport, Spool
from titan_core.data.store import WriteResult
from titan_core.data.validation import check_bars, resolve_adjustment
from titan_core.errors import Cancelled, DataUnavailable, InvalidInput
from trading.models import Ingestion, Job, QuarantinedBar, Symbol, Universe
from trading.services import artefacts
from trading.services.ingestions import uploads
from trading.services.ingestions.outcome import Outcome
from trading.services.ingestions.storing import Stored, store_bars
from trading.services.jobs import Report
from trading.utils import as_datetime

__all__ = ["run_ingestion"]

_READ, _STORED = 0.4, 0.97  # how far each stage is the whole


def run_ingestion(job: Job, report: Report) -> None:
    """Read a file into buckets by symbol, then check and store one bucket after the other."""
    ingestion = Ingestion.objects.select_related("universe").filter(pk=job.subject_id or 0).first()
    if ingestion is None:
        raise DataUnavailable("The upload of this job was deleted; nothing is left to do.")
    with _kept(ingestion, job, report) as path:
        options = _options(ingestion)
        rows = RowReport()
        file = BarFile(
            path,
            name=ingestion.filename,
            options=options,
            report=rows,
            progress=lambda done, total: report(
                _READ * done / total, stage="Reading", message=_percent(done, total)
            ),
            should_stop=report.should_stop,
        )
        spool = Spool.for_file(uploads.work_folder(ingestion), file)
        try:
            report(0.0, stage="Reading")
            spool.fill(file)
            _store(ingestion, job, report, file, spool)
        finally:
            spool.clear()


@contextmanager
def _kept(ingestion: Ingestion, job: Job, report: Report) -> Iterator[Any]:
    """The upload's file; deleted once the job has ended for good, kept where it will be run again."""
    if not uploads.is_kept(ingestion.sha256):
        raise DataUnavailable(f"The uploaded file {ingestion.filename} is gone: upload it again.")
    try:
        with artefacts.local("uploads", ingestion.sha256) as path:
            yield path
    except Cancelled:
        if report.cancel_requested.is_set():
            uploads.discard(ingestion.sha256, besides=job)
        raise
    except (InvalidInput, DataUnavailable):
        uploads.discard(ingestion.sha256, besides=job)
        raise
    else:
        uploads.discard(ingestion.sha256, besides=job)
        uploads.sweep()


def _options(ingestion: Ingestion) -> FileOptions:
    """As they were asked for; bars of days to come are refused (tomorrow's is today's somewhere)."""
    known = {name: value for name, value in ingestion.options.items() if name in FileOptions.__slots__}
    return FileOptions(**known, latest=timezone.now().date() + dt.timedelta(days=1))


def _store(ingestion: Ingestion, job: Job, report: Report, file: BarFile, spool: Spool) -> None:
    """Check and store every bucket, then the report with the end of the job."""
    found = file.recognised
    adjustment, words = resolve_adjustment(file.options, found.fields)
    if words:
        found.notes.append(words)
    outcome = Outcome(file=file, adjustment=adjustment)
    done = _done_before(job, spool)
    is_implied = adjustment == "raw" and {"close", "adjusted"} <= found.fields
    for number, batch in spool.buckets():
        checked = check_bars(
            batch,
            file.symbols,
            file.report,
            calendar=file.options.calendar,
            adjustment=adjustment,
            fields=found.fields,
        )
        del batch
        outcome.saw(checked, file.symbols)
        if str(number) in done:
            outcome.add(_revived(done[str(number)]))
            continue

        def step(at: int, of: int, number: int = number) -> None:
            share = (number + at / max(of, 1)) / spool.n_buckets
            report(_READ + (_STORED - _READ) * share, stage="Storing", message=f"{at:,} of {of:,} bars")

        stored = store_bars(
            checked,
            file.symbols,
            source=ingestion.source,
            adjustment=adjustment,
            calendar=file.options.calendar,
            owns_actions=is_implied or bool({"dividend", "split"} & found.fields),
            step=step,
            fence=lambda: _fence(report),
        )
        outcome.add(stored)
        done[str(number)] = _kept_result(stored)
        report.checkpoint({"n_buckets": spool.n_buckets, "done": done})
    report(_STORED, stage="Writing the report", message="")
    _finish(ingestion, report, outcome)


def _fence(report: Report) -> None:
    """The last thing before bars are kept: nothing of a job that was taken over, or cancelled."""
    if report.should_stop():
        report.raise_if_stopped()
    with transaction.atomic():
        report.fence()


def _finish(ingestion: Ingestion, report: Report, outcome: Outcome) -> None:
    """Report, quarantined rows, universe and the end of the job: all of them or none."""
    with transaction.atomic():
        report.fence()
        ingestion.rows.all().delete()
        QuarantinedBar.objects.bulk_create(_rows(ingestion, outcome.file.report), batch_size=500)
        ingestion.report = outcome.as_dict()
        ingestion.completed_at = timezone.now()
        universe = _universe(ingestion, made=bool(outcome.results))
        if universe is not None and outcome.results:
            universe.symbols.add(*_ids(list(outcome.results)))
        ingestion.universe = universe
        ingestion.save(update_fields=["report", "completed_at", "universe"])
        report.complete(message=outcome.sentence())


def _rows(ingestion: Ingestion, report: RowReport) -> Iterator[QuarantinedBar]:
    """In the order of the file; what is about no single row comes last."""
    for row in sorted(report.rows, key=lambda r: (r.row is None, r.row or 0)):
        yield QuarantinedBar(
            ingestion=ingestion,
            row=row.row,
            symbol=row.symbol[:40],
            timestamp=None if row.timestamp is None else as_datetime(row.timestamp),
            reason=row.reason,
            is_warning=row.is_warning,
            message=row.message,
            values=row.values,
        )


def _universe(ingestion: Ingestion, *, made: bool) -> Universe | None:
    """The universe asked for; `made` where its name is new, which a file without one good row is no reason for."""
    name = str(ingestion.options.get("universe_name") or "")
    if not name or ingestion.universe is not None:
        return ingestion.universe
    found = Universe.objects.filter(name__iexact=name).first()
    if found is not None or not made:
        return found
    stem = slugify(name)[:90] or "universe"
    taken = set(Universe.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug = next(s for s in chain((stem,), (f"{stem}-{n}" for n in count(2))) if s not in taken)
    return Universe.objects.create(
        name=name,
        slug=slug,
        source=Universe.Source.USER,
        description=f"Made from {ingestion.filename}.",
        created_by=ingestion.owner,
    )


def _ids(tickers: list[str]) -> list[int]:
    return [
        pk
        for at in range(0, len(tickers), 500)
        for pk in Symbol.objects.filter(ticker__in=tickers[at : at + 500]).values_list("pk", flat=True)
    ]


def _done_before(job: Job, spool: Spool) -> dict[str, Any]:
    """Buckets that an earlier attempt stored, with what became of them."""
    former = job.checkpoint if job.checkpoint.get("n_buckets") == spool.n_buckets else {}
    return dict(former.get("done", {}))


def _kept_result(stored: Stored) -> dict[str, Any]:
    results = {ticker: [r.inserted, r.changed, r.unchanged] for ticker, r in stored.results.items()}
    return {"results": results, "n_actions": stored.n_actions, "n_new_symbols": stored.n_new_symbols}


def _revived(kept: dict[str, Any]) -> Stored:
    results = {ticker: WriteResult(*numbers) for ticker, numbers in kept["results"].items()}
    return Stored(results, kept["n_actions"], kept["n_new_symbols"])


def _percent(done: int, total: int) -> str:
    return f"{100 * done / max(total, 1):.0f} %"
