"""Whether a backtest knew the future, found out by giving it other futures; the answer is kept in words."""

import hashlib
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from titan_core.backtesting import backtest_portfolio
from titan_core.backtesting.look_ahead import (
    RunLookAhead,
    Trace,
    find_run_look_ahead,
    first_complete,
    padded,
    pair_look_ahead,
)
from titan_core.data import BarPanel
from titan_core.errors import Cancelled, DataUnavailable
from trading.models import BacktestKind, BacktestRun, Job, JobKind
from trading.services.backtesting.account import MAX_LEVERAGE
from trading.services.backtesting.asking import pairs_of_run, terms_of_run
from trading.services.backtesting.kept_bars import bars_of
from trading.services.jobs import Report, handles

__all__ = ["prove", "prove_causality"]

CUTS = 6
_PARTS = {
    "pairs": "choice of pairs",
    "hedge_ratio": "hedge ratio",
    "signal": "signal",
    "decision": "decision",
    "fill": "position",
}


@handles(JobKind.CAUSALITY)
def prove_causality(job: Job, report: Report) -> None:
    """Run it on other futures and keep what came of it."""
    run = BacktestRun.objects.select_related("scan").filter(pk=job.subject_id or 0).first()
    if run is None:
        raise DataUnavailable("The backtest of this job was deleted; nothing is left to do.")
    report(0.05, stage="Reading bars")
    bars = bars_of(run.inputs["bars"])
    report(0.1, stage="Trading other futures")
    found = prove(run, bars, report)
    words = _words(run, bars, found)
    with transaction.atomic():
        report.fence()
        BacktestRun.objects.filter(pk=run.pk).update(
            causality={
                "at": timezone.now().isoformat(),
                "is_causal": found is None,
                "part": None if found is None else found.part,
                "timestamp": None if found is None else f"{found.timestamp}Z",
                "cut": None if found is None else f"{bars.timestamps[found.cut]}Z",
                "n_cuts": CUTS,
                "words": words,
            }
        )
        report.complete(message=words)


def prove(run: BacktestRun, bars: BarPanel, report: Report | None = None) -> RunLookAhead | None:
    """The first bar that differs on another future, None where none does; the same run gives the same futures."""
    terms = terms_of_run(run, ())
    pairs = pairs_of_run(run)
    seed = hashlib.sha256((run.inputs["bars"] + run.family).encode()).digest()
    generator = np.random.default_rng(int.from_bytes(seed[:8], "big"))
    options: dict[str, Any] = {
        "rule": terms.rule,
        "costs": terms.costs,
        "capital": terms.capital,
        "sizing": terms.sizing,
        "start": np.datetime64(run.start_date),
        "max_leverage": MAX_LEVERAGE,
        "periods_per_year": terms.periods_per_year,
        "delistings": terms.delistings,
    }
    if run.kind == BacktestKind.PAIR:
        return pair_look_ahead(bars, pairs[0], generator=generator, n_cuts=CUTS, **options)
    sectors: dict[str, str] = run.inputs.get("sectors", {})

    def traced(part: BarPanel) -> Trace:
        if report is not None and report.should_stop():
            raise Cancelled("Cancelled on request.")
        result = backtest_portfolio(part, pairs, limits=terms.limits, sectors=sectors, **options)
        before = part.n_bars - result.equity.size
        return {
            "pairs": np.full(part.n_bars, "; ".join(result.pairs)),
            "decision": padded(result.aimed[:, None], before),
            "fill": padded(np.column_stack([result.equity, result.gross, result.net, result.traded]), before),
        }

    first = int(np.searchsorted(bars.timestamps, np.datetime64(run.start_date)))
    least = max(first_complete(bars, pairs, terms.rule.lookback), first + 2)
    return find_run_look_ahead(traced, bars, generator=generator, min_bars=least, n_cuts=CUTS)


def _words(run: BacktestRun, bars: BarPanel, found: RunLookAhead | None) -> str:
    """The answer as one would say it, and what it does not cover."""
    if found is not None:
        day, cut = (
            str(stamp.astype("datetime64[D]")) for stamp in (found.timestamp, bars.timestamps[found.cut])
        )
        return (
            f"It looks ahead: its {_PARTS[found.part]} of {day} is {found.known}, and {found.again} once the bars "
            f"from {cut} on are {'others' if found.kind == 'perturbed' else 'taken away'}."
        )
    causal = (
        f"Nothing it decided depends on later bars: cut at {CUTS} places and continued on other futures, every "
        "decision and position before the cut was the same to the last bit."
    )
    said = [causal]
    if run.fit_end is not None:
        said.append(
            f"Hedge ratios were fitted up to {run.fit_end}, before the first decision on {run.start_date}."
        )
    if run.scan is not None and run.scan.end_date is not None and run.scan.end_date >= run.start_date:
        said.append(
            f"But the scan that chose the pairs knew bars up to {run.scan.end_date}: the choice is no part of "
            "this proof."
        )
    return " ".join(said)
