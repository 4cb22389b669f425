"""A backtest's job: run, judge, store; the same bits however often it is interrupted."""

from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from common.commits import after_commit
from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable
from titan_core.types import Float1D
from trading.models import (
    BacktestResult,
    BacktestRun,
    BacktestTrade,
    EquityPoint,
    Job,
    Symbol,
    TrialSource,
)
from trading.services.backtesting import judge
from trading.services.backtesting.account import Account, run_account
from trading.services.backtesting.asking import pairs_of_run, terms_of_run
from trading.services.backtesting.curves import keep_curve, store_equity
from trading.services.backtesting.kept_bars import bars_of
from trading.services.backtesting.progress import partial_equity
from trading.services.backtesting.trials import configuration_of, record_trials, tally_of, turned
from trading.services.jobs import Report
from trading.services.market_data import MarketDataService
from trading.utils import as_datetime, finite_or_none

__all__ = ["account_of", "run_backtest"]

_TIMES = ("entry_decided_at", "entry_filled_at", "exit_decided_at", "exit_filled_at")


def run_backtest(job: Job, report: Report) -> None:
    """Run what was asked on the bars it was checked on; asked again, say whether a bit differs."""
    run = BacktestRun.objects.select_related("owner", "universe").filter(pk=job.subject_id or 0).first()
    if run is None:
        raise DataUnavailable("The backtest of this job was deleted; nothing is left to do.")
    report(0.05, stage="Reading bars")
    bars = bars_of(run.inputs["bars"])
    report(0.15, stage="Trading")
    account = account_of(run, bars)
    if run.is_complete:
        _store_rerun(run, account, report)
        return
    partial_equity(job, account.timestamps, account.equity)
    report(0.5, stage="Judging")
    benchmark = _benchmark(run, bars, account)
    found = _judged(run, account, benchmark, report)
    report(0.9, stage="Storing")
    run.inputs["curve"] = keep_curve(account, benchmark)
    with transaction.atomic():
        report.fence()
        run.trades.all().delete()
        BacktestTrade.objects.bulk_create(_trades(run, account), batch_size=500)
        BacktestResult.objects.update_or_create(run=run, defaults=found)
        run.manifest = account.manifest.as_dict() | {"bars": run.inputs["bars"]}
        run.result_hash, run.completed_at = account.result_hash, timezone.now()
        run.warnings = list(dict.fromkeys([*run.warnings, *_warnings(account)]))
        run.save(update_fields=("manifest", "result_hash", "completed_at", "warnings", "inputs"))
        after_commit(store_equity, EquityPoint.Kind.BACKTEST, run.pk, run.inputs["curve"])
        total = found["metrics"]["total_return"]["value"] or 0.0
        report.complete(message=f"{account.trades.n_trades:,} trades, total return {total:+.1%}.")


def account_of(run: BacktestRun, bars: BarPanel) -> Account:
    """The engine's run of it."""
    terms = terms_of_run(run, ())
    start = np.datetime64(run.start_date)
    sectors: dict[str, str] = run.inputs.get("sectors", {})
    return run_account(run.kind, bars, pairs_of_run(run), terms, start=start, sectors=sectors)


def _judged(run: BacktestRun, account: Account, benchmark: Float1D, report: Report) -> dict[str, Any]:
    """Everything a result says, the trial counted first: this look is a look too."""
    periods = run.inputs["periods_per_year"]
    record_trials(
        owner=run.owner,
        family=run.family,
        configuration=configuration_of(
            timeframe=run.timeframe,
            parameters=run.parameters,
            costs=run.costs,
            sizing=run.sizing,
            limits=run.limits,
            start=str(run.start_date),
            end=str(run.end_date),
            **turned(run.pairs),
        ),
        source=run.inputs.get("source", TrialSource.RUN),
        tally=judge.sharpe_tally(account.equity),
        n_obs=account.equity.size - 1,
        periods_per_year=periods,
    )
    metrics = judge.figures(
        account.equity,
        periods_per_year=periods,
        trades=account.trades,
        gross=account.gross,
        traded=account.traded,
        benchmark=benchmark,
    )
    return {
        "metrics": metrics,
        "deflated": judge.deflated(account.equity, tally_of(run.owner, run.family, periods_per_year=periods)),
        "overfitting": judge.overfitting(account.equity, periods),
        "monthly": judge.monthly(account.timestamps, account.equity),
        "costs": judge.cost_breakdown(account.trades),
        "monte_carlo": judge.monte_carlo(
            account.equity,
            account.trades,
            periods_per_year=periods,
            seed=run.inputs["bars"] + run.family,
            should_stop=report.should_stop,
        ),
        "sparkline": judge.sparkline(account.equity),
        "n_trades": account.trades.n_trades,
        "n_bars": account.equity.size,
    }


def _warnings(account: Account) -> list[str]:
    """What should be known of the result."""
    said = [f"{note[:1].upper()}{note[1:]}." for note in account.notes]
    n = account.trades.n_trades
    if n == 0:
        said.append("It never traded: entries were too far away, or the spread never moved so far.")
    elif n < 30:
        said.append(f"{n} trades are few: every figure below rests on them.")
    return said


def _benchmark(run: BacktestRun, bars: BarPanel, account: Account) -> Float1D:
    """The capital in equal parts of the universe's symbols, or of the run's own where it has no universe."""
    panel = bars.prices("total_return")
    if run.universe is not None:
        tickers = list(run.universe.symbols.active().order_by("ticker").values_list("ticker", flat=True))
        stored = MarketDataService().load_panel_sync(
            tickers, timeframe=run.timeframe, start=run.start_date, end=run.end_date
        )
        panel = stored
    at = np.searchsorted(panel.timestamps, account.timestamps, side="right") - 1
    closes = np.where((at >= 0)[:, None], panel.values[np.maximum(at, 0)], np.nan)
    return judge.equity_of(closes, run.capital)


def _trades(run: BacktestRun, account: Account) -> list[BacktestTrade]:
    rows = []
    for number, trade in enumerate(account.trades.rows(), start=1):
        values: dict[str, Any] = {}
        for name in trade.__dataclass_fields__:
            value = getattr(trade, name)
            if name in _TIMES:
                value = None if np.isnat(value) else as_datetime(value)
            elif isinstance(value, float):
                value = finite_or_none(value)
            values[name] = value
        rows.append(BacktestTrade(run=run, number=number, **values))
    return rows


def _store_rerun(run: BacktestRun, account: Account, report: Report) -> None:
    """Whether equity and trades are the same to the last bit."""
    found = account.result_hash
    identical = found == run.result_hash
    with transaction.atomic():
        report.fence()
        run.rerun = {
            "at": timezone.now().isoformat(),
            "identical": identical,
            "result_hash": found,
            "engine_version": account.manifest.engine_version,
        }
        run.save(update_fields=("rerun",))
        report.complete(
            message="The same to the last bit."
            if identical
            else f"It differs: {found[:12]}… where it was {run.result_hash[:12]}…; the engine has changed since."
        )


def symbols_of(tickers: list[str]) -> list[Symbol]:
    """Symbols by ticker."""
    return list(Symbol.objects.filter(ticker__in=tickers))
