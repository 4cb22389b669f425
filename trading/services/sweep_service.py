"""Sweeps and searches: asked for, checked, run as jobs, looked at as surfaces and rows."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from titan_core.backtesting.sweep import check_grid
from titan_core.strategy import Rule
from trading.models import BacktestKind, Job, JobKind, Sweep
from trading.services.backtesting.asking import (
    asked_pairs,
    asked_rule,
    asked_terms,
    check_run,
    chosen_costs,
    own_strategy,
    told_delistings,
)
from trading.services.backtesting.describe import jobs_of, shared_fields
from trading.services.backtesting.inputs import settle
from trading.services.backtesting.kept_bars import keep_bars
from trading.services.backtesting.run import symbols_of
from trading.services.backtesting.surface import Combinations, surface_of
from trading.services.backtesting.sweep import run_sweep
from trading.services.backtesting.terms import grid_of, longest_rule, ranges_of
from trading.services.backtesting.trials import family_of
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import JobService, Report, handles
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["DEFAULT_TRIALS", "MAX_TRIALS", "SweepService"]

DEFAULT_TRIALS = 200
MAX_TRIALS = 2_000  # each makes the best harder to believe, and the sampler slower
DEFAULT_SEED = 1
_SHOWN = ("method", "grid", "ranges", "n_trials", "seed", "n_combinations", "n_left_out", "n_repeated")


class SweepService(BaseService):
    """Everything about sweeps."""

    @transaction.atomic
    def request_sync(
        self,
        *,
        owner: User,
        method: str = Sweep.Method.GRID,
        grid: dict[str, Any] | None = None,
        ranges: dict[str, Any] | None = None,
        n_trials: int | None = None,
        seed: int | None = None,
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
        """A sweep, or a search, and its job; all that can be refused is refused now."""
        if (pair is None) == (pair_id is None):
            raise Refusal("Give either pair or pair_id.", field="pair")
        chosen = own_strategy(owner, strategy)
        brain = asked_rule(chosen, rule, parameters)
        plan = _planned(method, brain, grid=grid, ranges=ranges, n_trials=n_trials, seed=seed)
        asked = asked_pairs(
            owner,
            kind=BacktestKind.PAIR,
            pairs=None if pair is None else [pair],
            pair_ids=None if pair_id is None else [pair_id],
            scan=None,
            top=None,
        )
        longest = longest_rule(brain, plan.reach)
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
        legs = [[one.symbol_1, one.symbol_2] for one in inputs.pairs]
        sweep = Sweep.objects.create(
            owner=owner,
            name=name.strip() or f"{'/'.join(legs[0])}, {brain.name}, {plan.words}",
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
            | {
                "tickers": tickers,
                "periods_per_year": terms.periods_per_year,
                "delistings": told_delistings(terms),
            },
            family=family_of(
                rule=brain.name,
                symbols=["/".join(legs[0])],
                start=inputs.counted_from,
                end=inputs.end,
            ),
            warnings=notes,
            **plan.fields,
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
                **{name: getattr(sweep, name) for name in _SHOWN},
                summary={"plateau_words": ""} | sweep.summary if sweep.summary else None,
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

    def combinations_sync(self, sweep: Sweep, *, ordering: Sequence[str] = ()) -> Combinations:
        """Every combination with its figures, as tried unless ordered otherwise; none until the job has ended."""
        return Combinations(sweep, ordering)

    combinations = async_form(combinations_sync)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is tried: as a row keeps it, in words, and the settings it reaches."""

    fields: dict[str, Any]
    words: str
    reach: dict[str, list[Any]]


def _planned(method: str, rule: Rule, **asked: Any) -> _Plan:
    """A grid's plan or a search's; what belongs to the other is refused."""
    mine = ("grid",) if method == Sweep.Method.GRID else ("ranges", "n_trials", "seed")
    for field, value in asked.items():
        if field not in mine and value is not None:
            other = Sweep.Method.SEARCH if method == Sweep.Method.GRID else Sweep.Method.GRID
            raise Refusal(f"{field} belongs to method {other}: leave it out, or say so.", field=field)
    if not asked[mine[0]]:
        raise Refusal(f"Method {method} needs {mine[0]}: give at least one parameter.", field=mine[0])
    if method == Sweep.Method.SEARCH:
        return _search(rule, asked["ranges"], asked["n_trials"] or DEFAULT_TRIALS, asked["seed"])
    axes = grid_of(asked["grid"], rule)
    n = check_grid(axes, rule)
    kept = {
        axis: [None if isinstance(value, float) and math.isinf(value) else value for value in values]
        for axis, values in axes.items()
    }
    left_out = math.prod(len(values) for values in axes.values()) - n
    return _Plan({"grid": kept, "n_combinations": n, "n_left_out": left_out}, f"{n:,} combinations", axes)


def _search(rule: Rule, told: dict[str, Any], n_trials: int, seed: int | None) -> _Plan:
    space = ranges_of(told, rule)
    ranges = {
        name: {"from": one.low, "to": one.high, "step": one.step, "log": one.is_log}
        for name, one in space.items()
    }
    fields = {
        "method": Sweep.Method.SEARCH,
        "ranges": ranges,
        "n_trials": n_trials,
        "seed": DEFAULT_SEED if seed is None else seed,
    }
    return _Plan(
        fields, f"search of {n_trials:,} points", {name: [r.low, r.high] for name, r in space.items()}
    )
