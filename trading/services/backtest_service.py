"""Backtests: asked for, checked, run as jobs, read, compared, exported, run again."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from trading.models import (
    BacktestKind,
    BacktestRun,
    BacktestTrade,
    Job,
    JobKind,
    Scan,
    TrialSource,
)
from trading.services.backtesting import judge
from trading.services.backtesting.asking import (
    asked_pairs,
    asked_rule,
    asked_terms,
    check_run,
    chosen_costs,
    own_scan,
    own_strategy,
    scan_notes,
    told_delistings,
)
from trading.services.backtesting.compare import compare
from trading.services.backtesting.curves import curve_of
from trading.services.backtesting.describe import data_version, describe
from trading.services.backtesting.export import Export, export_run
from trading.services.backtesting.inputs import MIN_FORMATION, settle
from trading.services.backtesting.kept_bars import keep_bars
from trading.services.backtesting.run import run_backtest, symbols_of
from trading.services.backtesting.trials import family_of
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import JobService, Report, handles
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["BacktestService", "no_result", "results_of"]


class BacktestService(BaseService):
    """Everything about backtests."""

    @transaction.atomic
    def request_sync(
        self,
        *,
        owner: User,
        name: str = "",
        kind: str | None = None,
        pairs: Sequence[Sequence[str]] | None = None,
        pair_ids: Sequence[int] | None = None,
        scan: int | None = None,
        top: int | None = None,
        rule: str | None = None,
        strategy: int | None = None,
        parameters: dict[str, Any] | None = None,
        costs: Any = None,
        sizing: dict[str, Any] | None = None,
        limits: dict[str, Any] | None = None,
        capital: float | None = None,
        timeframe: str = "1d",
        start_date: dt.date | None = None,
        end_date: dt.date | None = None,
        source: str = TrialSource.RUN,
    ) -> BacktestRun:
        """A backtest and its job. All that can be refused is refused now, in words, under the field at fault."""
        chosen = own_strategy(owner, strategy)
        brain = asked_rule(chosen, rule, parameters)
        whence = own_scan(owner, scan)
        asked = asked_pairs(owner, kind=kind, pairs=pairs, pair_ids=pair_ids, scan=whence, top=top)
        start = start_date or _after_scan(whence, end_date)
        inputs = settle(asked.legs, rule=brain, timeframe=timeframe, start=start, end=end_date)
        tickers = list(inputs.bars.symbols)
        symbols = symbols_of(tickers)
        terms = asked_terms(
            owner,
            rule=brain,
            costs=chosen_costs(costs, inputs.bars),
            sizing=sizing,
            limits=limits,
            capital=capital,
            timeframe=timeframe,
            n_pairs=len(inputs.pairs) if asked.kind != BacktestKind.PAIR else 1,
            symbols=symbols,
        )
        notes = [*inputs.notes, *scan_notes(whence, inputs.start), *check_run(inputs, terms)]
        legs = [[pair.symbol_1, pair.symbol_2] for pair in inputs.pairs]
        is_pair = asked.kind == BacktestKind.PAIR
        run = BacktestRun.objects.create(
            owner=owner,
            name=name.strip() or _name(legs, brain.name),
            kind=asked.kind,
            universe=None if whence is None else whence.universe,
            scan=whence,
            strategy=chosen,
            pairs=legs,
            rule=brain.name,
            parameters=brain.as_dict(),
            costs=terms.costs.as_dict(),
            sizing=terms.sizing.as_dict(),
            limits={} if is_pair else terms.limits.as_dict(),
            capital=terms.capital,
            timeframe=timeframe,
            start_date=inputs.start,
            end_date=inputs.end,
            fit_end=inputs.fit_end,
            inputs=inputs.as_dict(keep_bars(inputs.bars))
            | {
                "tickers": tickers,
                "first_day": str(inputs.bars.timestamps[0].astype("datetime64[D]")),
                "data_version": data_version(tickers, timeframe),
                "sectors": {s.ticker: s.sector for s in symbols if s.sector},
                "periods_per_year": terms.periods_per_year,
                "delistings": told_delistings(terms),
                "source": str(source),
            },
            family=family_of(
                rule=brain.name,
                symbols=["/".join(pair) for pair in legs],
                start=inputs.counted_from,
                end=inputs.end,
            ),
            warnings=notes,
        )
        JobService().enqueue_sync(kind=JobKind.BACKTEST, owner=owner, subject=run)
        return run

    request = async_form(request_sync)

    @handles(JobKind.BACKTEST)
    def run_sync(self, job: Job, report: Report) -> None:
        """Run a backtest's job."""
        run_backtest(job, report)

    def described_sync(self, runs: Sequence[BacktestRun], *, exact: bool = False) -> list[Any]:
        """Backtests as they are shown; `exact` settles whether their data changed even where that takes loading it."""
        return describe(list(runs), exact=exact)

    described = async_form(described_sync)

    def results_sync(self, run: BacktestRun) -> dict[str, Any]:
        """Every figure with its meaning; nothing while there is no result."""
        return results_of(run.result if hasattr(run, "result") else None, run.warnings)

    results = async_form(results_sync)

    def equity_sync(self, run: BacktestRun) -> dict[str, Any]:
        """The account bar by bar."""
        return curve_of(run)

    equity = async_form(equity_sync)

    def trades_sync(
        self, run: BacktestRun, *, ordering: Sequence[str] = (), **query: Any
    ) -> QuerySet[BacktestTrade]:
        """Its trades, oldest first unless ordered otherwise."""
        told = {name: value for name, value in query.items() if value is not None}
        terms = [
            F(term[1:]).desc(nulls_last=True) if term.startswith("-") else F(term).asc(nulls_last=True)
            for term in ordering
        ]
        return run.trades.filter(**told).order_by(*terms, "number")

    trades = async_form(trades_sync)

    def compare_sync(self, mine: QuerySet[BacktestRun], ids: Sequence[int]) -> dict[str, Any]:
        """Runs side by side; those that are not there are named."""
        found = {run.pk: run for run in mine.filter(pk__in=ids)}
        missing = [str(pk) for pk in ids if pk not in found]
        if missing:
            raise Refusal(f"You have no backtest {', '.join(missing)}.", field="runs")
        runs = [found[pk] for pk in ids]
        unfinished = [str(run.pk) for run in runs if not run.is_complete]
        if unfinished:
            raise Refusal(
                f"Backtest {', '.join(unfinished)} has no result yet: wait until its job has ended.",
                field="runs",
            )
        return compare(runs)

    compare = async_form(compare_sync)

    def export_sync(self, run: BacktestRun, *, form: str) -> Export:
        """A finished backtest as a file."""
        if not run.is_complete:
            raise Refusal("There is no result to export yet: wait until the job has ended.", code="conflict")
        return export_run(run, form)

    export = async_form(export_sync)

    @transaction.atomic
    def rerun_sync(self, run: BacktestRun) -> Job:
        """Run it again on the bars it ran on; its outcome stands in the run's `rerun`."""
        if not run.is_complete:
            raise Refusal("There is no result to repeat yet: wait until the job has ended.", code="conflict")
        if Job.objects.about(run).active().exists():
            raise Refusal(
                "This backtest is being worked on already: wait until its job has ended.", code="conflict"
            )
        return JobService().enqueue_sync(kind=JobKind.BACKTEST, owner=run.owner, subject=run)

    rerun = async_form(rerun_sync)


def _name(legs: Sequence[Sequence[str]], rule: str) -> str:
    """A name where none was given."""
    shown = ", ".join("/".join(pair) for pair in legs[:3])
    more = f" and {len(legs) - 3} more" if len(legs) > 3 else ""
    return f"{shown}{more}, {rule}"[:120]


def _after_scan(scan: Scan | None, end: dt.date | None) -> dt.date | None:
    """The day after a scan's window, where enough bars follow it to trade."""
    if scan is None or scan.end_date is None:
        return None
    last = end
    if last is None:
        from trading.services.market_data import MarketDataService

        series = MarketDataService().best_series_sync(scan.symbols[:50], timeframe=scan.timeframe)
        last = max(one.last_timestamp.date() for one in series.values() if one.last_timestamp is not None)
    after = scan.end_date + dt.timedelta(days=1)
    return after if (last - after).days > 2 * MIN_FORMATION else None


def no_result(warnings: Sequence[str]) -> dict[str, Any]:
    """What results say while there is none."""
    empty = dict.fromkeys(("monthly", "costs", "deflated", "overfitting", "monte_carlo"))
    return {"metrics": {}, **empty, "warnings": list(warnings)}


def results_of(result: Any, warnings: Sequence[str]) -> dict[str, Any]:
    """Figures with their definitions beside everything else a result holds."""
    if result is None:
        return no_result(warnings)
    return {
        "metrics": judge.with_definitions(result.metrics),
        "monthly": result.monthly,
        "costs": result.costs,
        "deflated": result.deflated,
        "overfitting": result.overfitting,
        "monte_carlo": result.monte_carlo,
        "warnings": list(warnings),
    }
