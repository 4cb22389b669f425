"""A walk-forward's job: window by window, each kept as it ends, so that whoever takes over goes on there."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.utils import timezone

from common.commits import after_commit
from titan_core.backtesting import WalkForward, walk_forward
from titan_core.backtesting.walk_forward import WindowResult
from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable, StoreError
from titan_core.types import Float1D
from trading.models import EquityPoint, Job, TrialSource, WalkForwardRun, WalkForwardWindow
from trading.services import artefacts
from trading.services.backtesting import judge
from trading.services.backtesting.account import result_hash
from trading.services.backtesting.bars import load_bars
from trading.services.backtesting.curves import keep_curve, store_equity
from trading.services.backtesting.kept_bars import bars_of, keep_bars
from trading.services.backtesting.progress import partial_equity, window_done
from trading.services.backtesting.trials import configuration_of, record_trials, tally_of
from trading.services.backtesting.walk_parts import choices_in_parts
from trading.services.backtesting.walk_plan import plan_of
from trading.services.jobs import Report
from trading.services.jobs.parts import threads
from trading.utils import as_datetime, finite_or_none

__all__ = ["run_walk_forward", "window_sharpe"]


def run_walk_forward(job: Job, report: Report) -> None:
    """Load once, walk on from the last window kept, judge, store; the same bits however often it is interrupted."""
    run = WalkForwardRun.objects.select_related("owner").filter(pk=job.subject_id or 0).first()
    if run is None:
        raise DataUnavailable("The walk-forward of this job was deleted; nothing is left to do.")
    done: dict[str, Any] = dict(job.checkpoint)
    if "bars" not in done or not artefacts.exists("bars", done["bars"]):
        report(0.0, stage="Loading prices")
        bars = load_bars(run.symbols, timeframe=run.timeframe, start=run.start_date, end=run.end_date)
        done = {"bars": keep_bars(bars), "windows": []}
        report.checkpoint(done)
    bars = bars_of(done["bars"])
    plan = plan_of(run)
    n_windows = len(plan.schedule.windows(bars.n_bars))
    WalkForwardRun.objects.filter(pk=run.pk).update(n_windows=n_windows)
    kept = _kept(done["windows"])
    tested = list(kept)

    def on_window(window: WindowResult) -> None:
        done["windows"].append(artefacts.put("windows", orjson.dumps(window.as_dict())))
        with transaction.atomic():
            report.fence()
            _store_window(run, bars, window, plan.periods_per_year)
        report.checkpoint(done)
        tested.append(window)
        _tell(job, bars, tested, n_windows, plan.periods_per_year)

    far = 0.0  # by windows done or, where others scan ahead, by trainings scanned: whichever is more

    def far_as(share: float) -> None:
        nonlocal far
        far = max(far, share)
        window = min(n_windows, 1 + len(tested))
        report(0.02 + 0.9 * far, stage="Walking forward", message=f"Window {window} of {n_windows}")

    def progress(at: int, total: int) -> None:
        far_as(at / max(1, total))

    choose = choices_in_parts(bars, done["bars"], plan, report, far_as, first=len(kept))
    found = walk_forward(
        bars,
        plan,
        done=kept,
        on_window=on_window,
        progress=progress,
        should_stop=report.should_stop,
        n_threads=threads(),
        choose=choose,
    )
    report(0.94, stage="Judging", message="")
    _store(run, found, bars, done, plan.periods_per_year, report)


def _kept(names: list[str]) -> list[WindowResult]:
    """Windows finished before, as far as their files are whole."""
    found = []
    for at, name in enumerate(names):
        try:
            found.append(WindowResult.from_dict(orjson.loads(artefacts.get("windows", name))))
        except (DataUnavailable, StoreError):
            del names[at:]
            break
    return found


def window_sharpe(equity: Float1D, periods_per_year: float) -> float | None:
    """Annual Sharpe ratio of a window's test; None where nothing moved."""
    returns = judge.returns_of(equity)
    deviation = float(returns.std(ddof=1)) if returns.size > 1 else 0.0
    return (
        finite_or_none(returns.mean() / deviation * np.sqrt(periods_per_year)) if deviation > 1e-12 else None
    )


def _tell(job: Job, bars: BarPanel, tested: list[WindowResult], n_windows: int, periods: float) -> None:
    """The newest window, and the account over all windows so far."""
    newest = tested[-1]
    window_done(
        job,
        window=newest.window.index + 1,
        n_windows=n_windows,
        in_sample_sharpe=finite_or_none(newest.in_sample_sharpe),
        out_of_sample_sharpe=window_sharpe(newest.equity, periods),
    )
    stamps = [bars.timestamps[w.window.test_first : w.window.test_first + w.equity.size] for w in tested]
    partial_equity(job, np.concatenate(stamps), np.concatenate([w.equity for w in tested]))


def _store_window(run: WalkForwardRun, bars: BarPanel, result: WindowResult, periods_per_year: float) -> None:
    """The window as it is shown."""
    window, stamps = result.window, bars.timestamps
    last = min(window.test_end, bars.n_bars) - 1
    equity = result.equity
    WalkForwardWindow.objects.update_or_create(
        run=run,
        number=window.index + 1,
        defaults={
            "train_start": as_datetime(stamps[window.train_first]),
            "train_end": as_datetime(stamps[window.train_end - 1]),
            "test_start": as_datetime(stamps[window.test_first]),
            "test_end": as_datetime(stamps[last]),
            "n_tests": result.n_tests,
            "n_discoveries": result.n_discoveries,
            "n_trials": result.tally.count,
            "pairs": [_chosen(one, run.grid) for one in result.pairs],
            "in_sample": {
                "sharpe": finite_or_none(result.in_sample_sharpe),
                "total_return": None,
                "max_drawdown": None,
                "n_trades": None,
            },
            "out_of_sample": {
                "sharpe": window_sharpe(equity, periods_per_year),
                "total_return": finite_or_none(float(equity[-1] / equity[0] - 1.0)),
                "max_drawdown": finite_or_none(float(judge.drawdown_of(equity).max())),
                "n_trades": len(result.trades),
            },
            "skipped": [{"pair": name, "reason": reason} for name, reason in result.skipped],
        },
    )


def _chosen(one: Any, grid: dict[str, Any]) -> dict[str, Any]:
    rule = one.rule.as_dict()
    return {
        "symbol_1": one.pair.symbol_1,
        "symbol_2": one.pair.symbol_2,
        "hedge_ratio": one.pair.hedge_ratio,
        "pvalue": finite_or_none(one.pvalue),
        "qvalue": finite_or_none(one.qvalue),
        "half_life": finite_or_none(one.half_life),
        "rule": rule["name"],
        "parameters": {name: rule[name] for name in grid},
        "in_sample_sharpe": finite_or_none(one.in_sample_sharpe),
        "sharpe": finite_or_none(one.sharpe),
        "net_pnl": one.net_pnl,
        "n_trades": one.n_trades,
    }


def _store(
    run: WalkForwardRun,
    found: WalkForward,
    bars: BarPanel,
    done: dict[str, Any],
    periods: float,
    report: Report,
) -> None:
    """Figures of the tests alone, deflated by every combination tried in every window."""
    first = int(np.searchsorted(bars.timestamps, found.timestamps[0]))
    closes = bars.prices("total_return").values[first : first + found.equity.size]
    benchmark = judge.equity_of(closes, run.capital)
    record_trials(
        owner=run.owner,
        family=run.family,
        configuration=configuration_of(timeframe=run.timeframe, plan=found.manifest.as_dict()["parameters"]),
        source=TrialSource.WALK_FORWARD,
        tally=found.tally,
        n_obs=found.equity.size - 1,
        periods_per_year=periods,
    )
    account = SimpleNamespace(timestamps=found.timestamps, equity=found.equity, gross=found.gross)
    run.inputs |= {"bars": done["bars"], "curve": keep_curve(account, benchmark)}
    run.metrics = judge.figures(
        found.equity,
        periods_per_year=periods,
        trades=found.trades,
        gross=found.gross,
        traded=found.traded,
        benchmark=benchmark,
    )
    run.deflated = judge.deflated(found.equity, tally_of(run.owner, run.family, periods_per_year=periods))
    run.overfitting = judge.overfitting(found.equity, periods, n_windows=len(found.windows))
    run.monthly = judge.monthly(found.timestamps, found.equity)
    run.costs_paid = judge.cost_breakdown(found.trades)
    run.monte_carlo = judge.monte_carlo(
        found.equity,
        found.trades,
        periods_per_year=periods,
        seed=done["bars"] + run.family,
        should_stop=report.should_stop,
    )
    run.sparkline, run.n_windows = judge.sparkline(found.equity), len(found.windows)
    run.manifest = found.manifest.as_dict() | {"bars": done["bars"]}
    run.result_hash = result_hash(found.timestamps, found.equity, found.trades)
    with transaction.atomic():
        report.fence()
        run.completed_at = timezone.now()
        run.save()
        curve = run.inputs["curve"]
        after_commit(store_equity, EquityPoint.Kind.WALK_FORWARD, run.pk, curve)
        total = float(found.equity[-1] / found.equity[0] - 1.0)
        report.complete(message=f"{len(found.windows)} windows, total return out of sample {total:+.1%}.")
