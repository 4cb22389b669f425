"""Sweeps: asked for, checked, run as jobs, looked at as surfaces."""

import datetime as dt
import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from titan_core.backtesting.sweep import check_grid
from trading.models import BacktestKind, Job, JobKind, Sweep
from trading.services.backtesting.asking import (
    asked_pairs,
    asked_rule,
    asked_terms,
    check_run,
    chosen_costs,
    own_strategy,
)
from trading.services.backtesting.describe import jobs_of, shared_fields
from trading.services.backtesting.inputs import settle
from trading.services.backtesting.kept_bars import keep_bars
from trading.services.backtesting.run import symbols_of
from trading.services.backtesting.sweep import run_sweep, surface_of
from trading.services.backtesting.terms import grid_of, longest_rule
from trading.services.backtesting.trials import family_of
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import JobService, Report, handles
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["SweepService"]


class SweepService(BaseService):
    """Everything about sweeps."""

    @transaction.atomic
    def request_sync(
        self,
        *,
        owner: User,
        grid: dict[str, Any],
        name: str = "",
        pair: Sequence[str] | None = None,
        pair_id: int | None = None,
        rule: str | None = None,
        strategy: int | None = None,
        parameters: dict[str, Any] | None = None,
        costs: Any = None,
        sizing: dict[str, Any] | None = None,
        capital: float | None = None,
        timeframe: str = "1d",
        start_date: dt.date | None = None,
        end_date: dt.date | None = None,
    ) -> Sweep:
        """A sweep and its job; all that can be refused is refused now."""
        if (pair is None) == (pair_id is None):
            raise Refusal("Give either pair or pair_id.", field="pair")
        chosen = own_strategy(owner, strategy)
        brain = asked_rule(chosen, rule, parameters)
        axes = grid_of(grid, brain)
        asked = asked_pairs(
            owner,
            kind=BacktestKind.PAIR,
            pairs=None if pair is None else [pair],
            pair_ids=None if pair_id is None else [pair_id],
            scan=None,
            top=None,
        )
        longest = longest_rule(brain, axes)
        inputs = settle(asked.legs, rule=longest, timeframe=timeframe, start=start_date, end=end_date)
        tickers = list(inputs.bars.symbols)
        terms = asked_terms(
            owner,
            rule=brain,
            costs=chosen_costs(costs, inputs.bars),
            sizing=sizing,
            limits=None,
            capital=capital,
            timeframe=timeframe,
            n_pairs=1,
            symbols=symbols_of(tickers),
        )
        if terms.sizing.name == "kelly":
            raise Refusal(
                "Kelly sizes by each rule's own past, which a sweep has not: choose another sizing.",
                field="sizing",
            )
        notes = [*inputs.notes, *check_run(inputs, terms)]
        n = check_grid(axes, brain)
        legs = [[one.symbol_1, one.symbol_2] for one in inputs.pairs]
        sweep = Sweep.objects.create(
            owner=owner,
            name=name.strip() or f"{'/'.join(legs[0])}, {brain.name}, {n:,} combinations",
            strategy=chosen,
            pairs=legs,
            rule=brain.name,
            parameters=brain.as_dict(),
            costs=terms.costs.as_dict(),
            sizing=terms.sizing.as_dict(),
            capital=terms.capital,
            timeframe=timeframe,
            start_date=inputs.start,
            end_date=inputs.end,
            fit_end=inputs.fit_end,
            inputs=inputs.as_dict(keep_bars(inputs.bars))
            | {"tickers": tickers, "periods_per_year": terms.periods_per_year},
            family=family_of(
                rule=brain.name,
                symbols=["/".join(legs[0])],
                start=inputs.start,
                end=inputs.end,
                timeframe=timeframe,
            ),
            warnings=notes,
            grid={
                axis: [None if isinstance(value, float) and math.isinf(value) else value for value in values]
                for axis, values in axes.items()
            },
            n_combinations=n,
            n_left_out=math.prod(len(values) for values in axes.values()) - n,
        )
        JobService().enqueue_sync(kind=JobKind.SWEEP, owner=owner, subject=sweep)
        return sweep

    request = async_form(request_sync)

    @handles(JobKind.SWEEP)
    def run_sync(self, job: Job, report: Report) -> None:
        """Run a sweep's job."""
        run_sweep(job, report)

    def described_sync(self, sweeps: Sequence[Sweep]) -> list[Any]:
        """Sweeps as they are shown."""
        jobs = jobs_of(list(sweeps))
        return [
            SimpleNamespace(
                **shared_fields(sweep, jobs.get(sweep.pk)),
                grid=sweep.grid,
                n_combinations=sweep.n_combinations,
                n_left_out=sweep.n_left_out,
                summary=sweep.summary or None,
            )
            for sweep in sweeps
        ]

    described = async_form(described_sync)

    def surface_sync(self, sweep: Sweep, **query: Any) -> dict[str, Any]:
        """A metric over two parameters of a finished sweep."""
        if not sweep.is_complete:
            raise Refusal("There is no surface yet: wait until the job has ended.", code="conflict")
        return surface_of(sweep, **query)

    surface = async_form(surface_sync)
