"""Walk-forwards: asked for, checked, run as jobs, read."""

import datetime as dt
import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Avg, Count, FloatField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from titan_core.backtesting import Plan
from titan_core.errors import InvalidInput, TooFewBars
from trading.models import Job, JobKind, Scan, Symbol, Universe, WalkForwardRun, WalkForwardWindow
from trading.services.backtest_service import no_result
from trading.services.backtesting import judge
from trading.services.backtesting.asking import (
    asked_pairs,
    asked_rule,
    asked_terms,
    chosen_costs,
    own_scan,
    own_strategy,
    told_delistings,
)
from trading.services.backtesting.bars import load_bars
from trading.services.backtesting.curves import curve_of
from trading.services.backtesting.delistings import check_delistings
from trading.services.backtesting.describe import data_changed, data_version, headline, jobs_of, shared_fields
from trading.services.backtesting.terms import grid_of, said
from trading.services.backtesting.trials import family_of
from trading.services.backtesting.walk import run_walk_forward
from trading.services.backtesting.walk_plan import plan_of
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import JobService, Report, handles
from trading.services.refusals import Refusal
from trading.services.windows import known_symbols, resolve_window
from users.models import User

__all__ = ["WalkForwardService"]

DEFAULT_GRID = {"window": [40, 60], "entry_z": [1.5, 2.0, 2.5]}
_SAMPLE = 3  # symbols whose bars tell how long the history is, before all are loaded


class WalkForwardService(BaseService):
    """Everything about walk-forwards."""

    @transaction.atomic
    def request_sync(
        self,
        *,
        owner: User,
        name: str = "",
        universe: Universe | None = None,
        scan: int | None = None,
        pairs: Sequence[Sequence[str]] | None = None,
        rule: str | None = None,
        strategy: int | None = None,
        parameters: dict[str, Any] | None = None,
        grid: dict[str, Any] | None = None,
        costs: Any = None,
        sizing: dict[str, Any] | None = None,
        capital: float | None = None,
        timeframe: str = "1d",
        start_date: dt.date | None = None,
        end_date: dt.date | None = None,
        scheme: str = WalkForwardRun.Scheme.ROLLING,
        train_bars: int = 504,
        test_bars: int = 126,
        purge: int | None = None,
        embargo: int | None = None,
        top: int | None = None,
        selection: str = "strongest",
    ) -> WalkForwardRun:
        """A walk-forward and its job; all that can be refused is refused now, in words, under the field at fault."""
        chosen = own_strategy(owner, strategy)
        brain = asked_rule(chosen, rule, parameters)
        axes = grid_of(grid or DEFAULT_GRID, brain)
        whence = own_scan(owner, scan)
        symbols, families, legs = _asked_symbols(owner, universe, whence, pairs)
        tickers = [symbol.ticker for symbol in symbols]
        since, until = resolve_window(symbols, timeframe=timeframe, start=start_date, end=end_date)
        sample = load_bars(tickers[:_SAMPLE], timeframe=timeframe, start=since, end=until)
        terms = asked_terms(
            owner,
            rule=brain,
            costs=chosen_costs(costs, sample),
            sizing=sizing,
            limits=None,
            capital=capital,
            timeframe=timeframe,
            n_pairs=1,
            symbols=symbols,
        )
        whole = "universe" if universe is not None else "pairs" if legs else "scan"
        check_delistings(terms.delistings, timeframe=timeframe, start=since, end=until, field=whole)
        holding = max([int(v) for v in axes.get("time_stop", (brain.time_stop,))])
        looks = [
            int(v)
            for n in ("window", "hedge_window", "half_life_window")
            for v in axes.get(n, (getattr(brain, n),))
        ]
        run = WalkForwardRun(
            owner=owner,
            universe=universe or (whence.universe if whence is not None else None),
            scan=whence,
            strategy=chosen,
            pairs=[list(pair) for pair in legs],
            symbols=tickers,
            rule=brain.name,
            parameters=brain.as_dict(),
            grid={axis: [_plain(value) for value in values] for axis, values in axes.items()},
            costs=terms.costs.as_dict(),
            sizing=terms.sizing.as_dict(),
            capital=terms.capital,
            timeframe=timeframe,
            start_date=since,
            end_date=until,
            scheme=scheme,
            train_bars=train_bars,
            test_bars=test_bars,
            purge=purge if purge is not None else (holding or 60),
            embargo=embargo if embargo is not None else max(looks),
            top=top or (len(legs) if legs else min(5, len(symbols) // 2)),
            selection=selection,
            inputs={
                "tickers": tickers,
                "first_day": str(since),
                "data_version": data_version(tickers, timeframe),
                "periods_per_year": terms.periods_per_year,
                "delistings": told_delistings(terms),
                "families": families,
            },
            family=family_of(
                rule=brain.name,
                symbols=["/".join(pair) for pair in legs] or tickers,
                start=since,
                end=until,
            ),
        )
        plan = _checked_plan(run)
        run.n_windows = _n_windows(plan, sample.n_bars)
        run.name = name.strip() or _name(run)
        run.save()
        JobService().enqueue_sync(kind=JobKind.WALK_FORWARD, owner=owner, subject=run)
        return run

    request = async_form(request_sync)

    @handles(JobKind.WALK_FORWARD)
    def run_sync(self, job: Job, report: Report) -> None:
        """Run a walk-forward's job."""
        run_walk_forward(job, report)

    def described_sync(self, runs: Sequence[WalkForwardRun], *, exact: bool = False) -> list[Any]:
        """Walk-forwards as they are shown."""
        rows = list(runs)
        jobs, changed, done = jobs_of(rows), data_changed(rows, exact=exact), _done(rows)
        return [
            SimpleNamespace(
                **shared_fields(run, jobs.get(run.pk)),
                **{
                    field: getattr(run, field)
                    for field in [
                        "scheme",
                        "train_bars",
                        "test_bars",
                        "purge",
                        "embargo",
                        "top",
                        "selection",
                        "symbols",
                        "grid",
                        "n_windows",
                        "sparkline",
                    ]
                },
                n_done=done.get(run.pk, (0, None))[0],
                metrics=headline(run.metrics, run.deflated),
                in_sample_sharpe=done.get(run.pk, (0, None))[1],
                data_changed=is_changed,
            )
            for run, is_changed in zip(rows, changed, strict=True)
        ]

    described = async_form(described_sync)

    def equity_sync(self, run: WalkForwardRun) -> dict[str, Any]:
        """The account through all tests, and where each window lies on it."""
        curve = curve_of(run)
        stamps = curve["timestamps"]
        windows = []
        for window in run.windows.order_by("number") if stamps.size else ():
            first, last = (
                int(np.searchsorted(stamps, np.datetime64(at.replace(tzinfo=None))))
                for at in (window.test_start, window.test_end)
            )
            windows.append(
                {
                    "number": window.number,
                    "first": first,
                    "last": last,
                    "in_sample_sharpe": window.in_sample["sharpe"],
                    "out_of_sample_sharpe": window.out_of_sample["sharpe"],
                }
            )
        names = ("timestamps", "equity", "drawdown", "gross", "benchmark", "rolling_sharpe", "rolling_beta")
        # rows of dicts are no columns: as Arrow they travel as metadata, hence a tuple
        return {name: curve[name] for name in names} | {"windows": tuple(windows)}

    equity = async_form(equity_sync)

    def results_sync(self, run: WalkForwardRun) -> dict[str, Any]:
        """Figures of the tests alone, with their meaning."""
        if not run.is_complete:
            return no_result(run.warnings)
        return {
            "metrics": judge.with_definitions(run.metrics),
            "monthly": run.monthly,
            "costs": run.costs_paid,
            "deflated": run.deflated,
            "overfitting": run.overfitting,
            "monte_carlo": run.monte_carlo,
            "warnings": run.warnings,
        }

    results = async_form(results_sync)


def _asked_symbols(
    owner: User, universe: Universe | None, scan: Scan | None, pairs: Sequence[Sequence[str]] | None
) -> tuple[list[Symbol], dict[str, str] | None, list[tuple[str, str]]]:
    """Symbols to walk through, families that pairs are formed in, and the pairs where those are named."""
    given = [name for name, value in (("universe", universe), ("scan", scan), ("pairs", pairs)) if value]
    if len(given) != 1:
        said_so = f"These are {' and '.join(given)}." if given else "None is given."
        raise Refusal(
            f"Give one of universe, scan and pairs. {said_so}", field=given[-1] if given else "universe"
        )
    if universe is not None:
        symbols = list(universe.symbols.active().order_by("ticker"))
        if len(symbols) < 2:
            raise Refusal(
                f"{universe.name} has {len(symbols)} active symbols; two are needed.", field="universe"
            )
        return symbols, None, []
    if scan is not None:
        return known_symbols(scan.symbols, field="scan"), scan.parameters.get("families"), []
    legs = asked_pairs(owner, kind=None, pairs=pairs, pair_ids=None, scan=None, top=None).legs
    families: dict[str, str] = {}
    for one, two in legs:
        for symbol in (one, two):
            if symbol in families:
                raise Refusal(
                    f"{symbol} is in two of these pairs, and a walk-forward forms its pairs from families of symbols: "
                    "walk through them one by one, or through a universe.",
                    field="pairs",
                )
            families[symbol] = f"{one}/{two}"
    return known_symbols(list(families), field="pairs"), families, legs


def _checked_plan(run: WalkForwardRun) -> Plan:
    """The plan, with the engine's refusals under the field they begin with."""
    try:
        return plan_of(run)
    except Refusal:
        raise
    except InvalidInput as error:
        first = str(error).split(" ", 1)[0]
        known = {"train_bars", "test_bars", "purge", "embargo", "capital"}
        field = first if first in known else ("sizing" if first == "kelly" else "grid")
        raise Refusal(said(error), field=field, code=error.code) from error


def _n_windows(plan: Plan, n_bars: int) -> int:
    try:
        return len(plan.schedule.windows(n_bars))
    except TooFewBars as error:
        raise Refusal(said(error), field="train_bars", code=error.code) from error


def _name(run: WalkForwardRun) -> str:
    """A name where none was given."""
    what = run.universe.name if run.universe else ", ".join("/".join(pair) for pair in run.pairs[:3])
    return f"{what}, {run.rule}, {run.n_windows} windows"[:120]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isinf(value) else value


def _done(runs: Sequence[WalkForwardRun]) -> dict[int, tuple[int, float | None]]:
    """Windows finished, and the mean of what their training promised, by run."""
    rows = (
        WalkForwardWindow.objects.filter(run__in=[run.pk for run in runs])
        .values("run_id")
        .order_by("run_id")
        .annotate(n=Count("pk"), mean=Avg(Cast(KT("in_sample__sharpe"), FloatField())))
    )
    return {row["run_id"]: (row["n"], row["mean"]) for row in rows}
