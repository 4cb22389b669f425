"""A backtest answered while a slider moves: what no slider moves is kept in memory until somebody writes bars."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable
from titan_core.strategy import Rule
from titan_core.types import Float1D
from trading.models import BacktestKind, Symbol, TradingPair, TrialSource
from trading.services.backtesting import judge
from trading.services.backtesting.account import Account, Terms, run_account
from trading.services.backtesting.asking import asked_rule, asked_terms, check_run, chosen_costs
from trading.services.backtesting.bars import load_bars
from trading.services.backtesting.describe import headline
from trading.services.backtesting.inputs import Inputs, settle
from trading.services.backtesting.memory import Kept
from trading.services.backtesting.trials import configuration_of, family_of, record_trials, tally_of, turned
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal
from trading.utils import as_datetime, finite_or_none
from users.models import User

__all__ = ["MAX_POINTS", "MAX_TRADES", "forget_bars", "quick_backtest", "sampled"]

MAX_POINTS = 400
MAX_TRADES = 500  # the newest are shown
_bars: Kept[BarPanel] = Kept(16)  # some 300 kB each
_settled: Kept[Inputs] = Kept(64)  # views of those bars, and a few numbers


def quick_backtest(
    *,
    owner: User,
    pair_id: int | None = None,
    symbol_1: str | None = None,
    symbol_2: str | None = None,
    rule: str | None = None,
    parameters: dict[str, Any] | None = None,
    costs: Any = None,
    sizing: dict[str, Any] | None = None,
    capital: float | None = None,
    timeframe: str | None = None,
    start_date: dt.date | None = None,
    end_date: dt.date | None = None,
) -> dict[str, Any]:
    """One pair, traded as a backtest of kind pair would be, to the same bits; counts as a trial of its family."""
    legs, frame = _legs(pair_id, symbol_1, symbol_2, timeframe)
    brain = asked_rule(None, rule, parameters)
    inputs, symbols = _inputs(legs, brain, frame, start_date, end_date)
    terms = asked_terms(
        owner,
        rule=brain,
        costs=chosen_costs(costs, inputs.bars),
        sizing=sizing,
        limits=None,
        capital=capital,
        timeframe=frame,
        n_pairs=1,
        symbols=symbols,
    )
    notes = [*inputs.notes, *check_run(inputs, terms)]
    account = run_account(
        BacktestKind.PAIR, inputs.bars, inputs.pairs, terms, start=np.datetime64(inputs.start)
    )
    family = _count(owner, legs, inputs, terms, account, frame)
    return _answer(owner, family, inputs, terms, account, notes)


def forget_bars() -> None:
    """Let go of all bars in memory."""
    _bars.clear()
    _settled.clear()


def _legs(
    pair_id: int | None, symbol_1: str | None, symbol_2: str | None, timeframe: str | None
) -> tuple[tuple[str, str], str]:
    """Both tickers and the timeframe, a registered pair's own where none is named."""
    if pair_id is not None:
        if symbol_1 or symbol_2:
            raise Refusal("Give pair_id, or symbol_1 and symbol_2, and not both.", field="pair_id")
        pair = TradingPair.objects.with_symbols().filter(pk=pair_id).first()
        if pair is None:
            raise Refusal(f"There is no pair {pair_id}; see pairs/ for those there are.", field="pair_id")
        return (pair.symbol_1.ticker, pair.symbol_2.ticker), timeframe or pair.timeframe
    for field, ticker in (("symbol_1", symbol_1), ("symbol_2", symbol_2)):
        if not ticker:
            raise Refusal("Name both symbols, or a pair_id.", field=field)
    first, second = str(symbol_1).strip().upper(), str(symbol_2).strip().upper()
    if first == second:
        raise Refusal(f"A pair of {first} with itself has no spread: name two symbols.", field="symbol_2")
    return (first, second), timeframe or "1d"


def _inputs(
    legs: tuple[str, str], rule: Rule, timeframe: str, start: dt.date | None, end: dt.date | None
) -> tuple[Inputs, list[Symbol]]:
    """Bars and hedge ratio of a pair, worked out once for rules that look back as far, and its symbols."""

    def work_out() -> Inputs:
        return settle([legs], rule=rule, timeframe=timeframe, start=start, end=end, load=_remembered)

    try:
        best = MarketDataService().best_series_sync(legs, timeframe=timeframe)
    except DataUnavailable:
        return work_out(), []  # which refuses it, naming the field
    symbols = [series.symbol for series in best.values()]
    data = tuple(
        (row.pk, row.n_bars, row.updated_at, row.symbol.is_active, row.symbol.delisted_on)
        for row in best.values()
    )
    key = (legs, rule.name, rule.lookback, rule.hedge_window, timeframe, start, end, data)
    return _settled.get(key, work_out), symbols


def _remembered(tickers: Sequence[str], **window: Any) -> BarPanel:
    """The bars of a window, read once for as long as their series stay as they are."""
    version = MarketDataService().data_version_sync(tickers, timeframe=window["timeframe"])
    key = (tuple(tickers), *sorted((name, str(value)) for name, value in window.items()), version)
    return _bars.get(key, lambda: load_bars(tickers, **window))


def _count(
    owner: User, legs: Sequence[str], inputs: Inputs, terms: Terms, account: Account, timeframe: str
) -> str:
    """Count the look, under the same name a backtest of it would have; returns its family."""
    family = family_of(
        rule=terms.rule.name,
        symbols=["/".join(legs)],
        start=inputs.counted_from,
        end=inputs.end,
    )
    record_trials(
        owner=owner,
        family=family,
        configuration=configuration_of(
            timeframe=timeframe,
            parameters=terms.rule.as_dict(),
            costs=terms.costs.as_dict(),
            sizing=terms.sizing.as_dict(),
            limits={},
            start=str(inputs.start),
            end=str(inputs.end),
            **turned([legs]),
        ),
        source=TrialSource.SLIDER,
        tally=judge.sharpe_tally(account.equity),
        n_obs=account.equity.size - 1,
        periods_per_year=terms.periods_per_year,
    )
    return family


def _answer(
    owner: User, family: str, inputs: Inputs, terms: Terms, account: Account, notes: list[str]
) -> dict[str, Any]:
    figures = judge.figures(
        account.equity,
        periods_per_year=terms.periods_per_year,
        trades=account.trades,
        gross=account.gross,
        traded=account.traded,
    )
    deflated = judge.deflated(
        account.equity, tally_of(owner, family, periods_per_year=terms.periods_per_year)
    )
    at = sampled(account.equity.size, MAX_POINTS)
    return {
        "timestamps": [as_datetime(one) for one in account.timestamps[at]],
        "equity": [finite_or_none(value) for value in _indexed(account.equity)[at].round(6)],
        "metrics": headline(figures, deflated),
        "trades": _trades(account),
        "n_trials": deflated["n_trials"],
        "deflated_sharpe": deflated["probability"],
        "fit_end": inputs.fit_end,
        "start_date": inputs.start,
        "end_date": inputs.end,
        "warnings": list(dict.fromkeys(notes)),
    }


def sampled(n: int, most: int) -> Any:
    """At most so many positions of n, evenly, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def _indexed(equity: Float1D) -> Float1D:
    return np.asarray(equity / equity[0])


def _trades(account: Account) -> list[dict[str, Any]]:
    """Entries and exits at the bars they were filled at, the newest trades where there are too many."""
    columns = account.trades
    wanted = range(max(0, columns.n_trades - MAX_TRADES), columns.n_trades)
    entries, exits = columns["entry_filled_at"], columns["exit_filled_at"]
    reasons = columns["exit_reason"]
    return [
        {
            "entry": as_datetime(entries[i]),
            "exit": None if str(reasons[i]) == "open" or np.isnat(exits[i]) else as_datetime(exits[i]),
            "side": str(columns["side"][i]),
            "net_pnl": float(columns["net_pnl"][i]),
            "exit_reason": str(reasons[i]),
        }
        for i in wanted
    ]
