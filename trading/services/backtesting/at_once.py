"""A backtest answered at once, without rows or a job: what the command line shows; it counts as a trial too."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from trading.models import BacktestKind, TrialSource
from trading.services.backtesting import judge
from trading.services.backtesting.account import Account, run_account
from trading.services.backtesting.asking import asked_pairs, asked_rule, asked_terms, check_run, chosen_costs
from trading.services.backtesting.inputs import settle
from trading.services.backtesting.run import symbols_of
from trading.services.backtesting.trials import configuration_of, family_of, record_trials, tally_of, turned
from users.models import User

__all__ = ["Answer", "backtest_at_once"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An account with its figures."""

    account: Account
    metrics: dict[str, Any]
    deflated: dict[str, Any]
    overfitting: dict[str, Any]
    costs: dict[str, float]
    start: dt.date
    end: dt.date
    notes: list[str]


def backtest_at_once(
    owner: User,
    pairs: list[tuple[str, str]],
    *,
    rule: str = "rolling",
    parameters: dict[str, Any] | None = None,
    costs: str | None = None,
    capital: float | None = None,
    timeframe: str = "1d",
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Answer:
    """Check, run and judge as the application does; refusals are the same. The trial is `owner`'s."""
    brain = asked_rule(None, rule, parameters)
    asked = asked_pairs(owner, kind=None, pairs=pairs, pair_ids=None, scan=None, top=None)
    inputs = settle(asked.legs, rule=brain, timeframe=timeframe, start=start, end=end)
    symbols = symbols_of(list(inputs.bars.symbols))
    terms = asked_terms(
        owner,
        rule=brain,
        costs=chosen_costs(costs, inputs.bars),
        sizing=None,
        limits=None,
        capital=capital,
        timeframe=timeframe,
        n_pairs=1 if asked.kind == BacktestKind.PAIR else len(inputs.pairs),
        symbols=symbols,
    )
    notes = [*inputs.notes, *check_run(inputs, terms)]
    account = run_account(
        asked.kind,
        inputs.bars,
        inputs.pairs,
        terms,
        start=np.datetime64(inputs.start),
        sectors={symbol.ticker: symbol.sector for symbol in symbols if symbol.sector},
    )
    family = family_of(
        rule=brain.name,
        symbols=[pair.name for pair in inputs.pairs],
        start=inputs.counted_from,
        end=inputs.end,
    )
    is_pair = asked.kind == BacktestKind.PAIR
    periods = terms.periods_per_year
    record_trials(
        owner=owner,
        family=family,
        configuration=configuration_of(
            timeframe=timeframe,
            parameters=brain.as_dict(),
            costs=terms.costs.as_dict(),
            sizing=terms.sizing.as_dict(),
            limits={} if is_pair else terms.limits.as_dict(),
            start=str(inputs.start),
            end=str(inputs.end),
            **turned([(pair.symbol_1, pair.symbol_2) for pair in inputs.pairs]),
        ),
        source=TrialSource.CLI,
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
    )
    return Answer(
        account,
        judge.with_definitions(metrics),
        judge.deflated(account.equity, tally_of(owner, family, periods_per_year=periods)),
        judge.overfitting(account.equity, periods),
        judge.cost_breakdown(account.trades),
        inputs.start,
        inputs.end,
        notes,
    )
