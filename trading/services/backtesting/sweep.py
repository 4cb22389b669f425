"""A sweep's job: every combination of a grid, or the points of a search, on one pair; each counts as a trial."""

import numpy as np
from django.db import transaction
from django.utils import timezone

from titan_core.backtesting import sweep_pair
from titan_core.backtesting.sweep import SweepResult
from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable
from trading.models import Job, Sweep
from trading.services import artefacts
from trading.services.backtesting.asking import pairs_of_run, terms_of_run
from trading.services.backtesting.kept_bars import bars_of
from trading.services.backtesting.search import searched
from trading.services.backtesting.sweep_outcome import judged, outcome_table
from trading.services.backtesting.terms import grid_of
from trading.services.jobs import Report

__all__ = ["run_sweep"]


def run_sweep(job: Job, report: Report) -> None:
    """Try what was asked, judge the best of it, keep every combination's figures."""
    sweep = Sweep.objects.select_related("owner").filter(pk=job.subject_id or 0).first()
    if sweep is None:
        raise DataUnavailable("The sweep of this job was deleted; nothing is left to do.")
    bars = bars_of(sweep.inputs["bars"])
    if sweep.method == Sweep.Method.SEARCH:
        found = searched(sweep, bars, job, report)
        result, sweep.n_left_out, sweep.n_repeated = found.sweep, found.n_left_out, found.n_repeated
    else:
        result = _swept(sweep, bars, report)
        sweep.n_left_out = result.n_left_out
    report(0.88, stage="Judging", message="")
    table = outcome_table(sweep, result)
    sweep.summary = judged(sweep, result, table["plateau"].to_numpy(), report)
    report(0.97, stage="Storing")
    sweep.result_hash = artefacts.put_table("backtests", table)
    with transaction.atomic():
        report.fence()
        sweep.n_combinations, sweep.completed_at = result.n_combinations, timezone.now()
        sweep.manifest = result.manifest.as_dict() | {"bars": sweep.inputs["bars"]}
        sweep.save()
        report.complete(message=f"{result.n_combinations:,} combinations tried.")


def _swept(sweep: Sweep, bars: BarPanel, report: Report) -> SweepResult:
    """Every combination of the grid."""
    terms = terms_of_run(sweep, ())

    def progress(done: int, total: int) -> None:
        report(
            0.05 + 0.8 * done / max(1, total), stage="Trading", message=f"{done:,} of {total:,} combinations"
        )

    return sweep_pair(
        bars,
        pairs_of_run(sweep)[0],
        grid=grid_of(sweep.grid, terms.rule),
        costs=terms.costs,
        capital=terms.capital,
        rule=terms.rule,
        sizing=terms.sizing,
        start=np.datetime64(sweep.start_date),
        delistings=terms.delistings,
        periods_per_year=terms.periods_per_year,
        progress=progress,
        should_stop=report.should_stop,
    )
