"""A walk-forward's row as the engine takes it."""

from titan_core.backtesting import Plan, Schedule
from titan_core.backtesting.walk_forward import Choice
from trading.models import WalkForwardRun
from trading.services.backtesting.asking import terms_of_run
from trading.services.backtesting.terms import grid_of

__all__ = ["plan_of"]


def plan_of(run: WalkForwardRun) -> Plan:
    """Everything that decides it but the bars, as the engine takes it."""
    terms = terms_of_run(run, ())
    return Plan(
        Schedule(
            run.train_bars,
            run.test_bars,
            purge=run.purge,
            embargo=run.embargo,
            anchored=run.scheme == WalkForwardRun.Scheme.ANCHORED,
        ),
        grid=grid_of(run.grid, terms.rule),
        costs=terms.costs,
        capital=terms.capital,
        choice=Choice(
            n_pairs=run.top,
            selection=run.selection,  # type: ignore[arg-type]  # a column's text; its values are the engine's words
            min_overlap=min(250, run.train_bars),
            families=run.inputs.get("families"),
        ),
        rule=terms.rule,
        sizing=terms.sizing,
        delistings=terms.delistings,
        periods_per_year=terms.periods_per_year,
    )
