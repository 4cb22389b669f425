"""Walk-forward: choose pairs and settings on the past, trade the future, choose again."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from titan_core.backtesting.engine.prepare import as_bars, bars_manifest, open_universe
from titan_core.backtesting.metrics import summary
from titan_core.backtesting.overfitting import TrialTally
from titan_core.backtesting.walk_forward.choice import Chosen, candidates_of
from titan_core.backtesting.walk_forward.plan import Plan
from titan_core.backtesting.walk_forward.records import WalkForward, WindowResult
from titan_core.backtesting.walk_forward.turn import Steps, Turn
from titan_core.backtesting.walk_forward.windows import Window
from titan_core.data import BarPanel, PricePanel
from titan_core.errors import InvalidInput
from titan_core.manifest import Manifest
from titan_core.simulation.trades import TradeTable
from titan_core.strategy.parameters import TradedPair
from titan_core.types import Progress, ShouldStop

__all__ = ["OnWindow", "choose_window", "walk_forward"]

OnWindow: TypeAlias = Callable[[WindowResult], None]


def walk_forward(
    bars: BarPanel | PricePanel,
    plan: Plan,
    *,
    done: Sequence[WindowResult] = (),
    on_window: OnWindow | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
    choose: Callable[[Window], Chosen] | None = None,
) -> WalkForward:
    """Scan, sweep and trade, window by window; nothing a test trades on was known later than its training.

    But for one thing: a pair of which a leg is delisted by the test's first bar is passed over for the next best, for
    on that bar everybody knows it.

    In each window all pairs of the training bars are scanned, the strongest chosen, and each swept over the grid; its
    best rule by probabilistic Sharpe ratio trades the test with the training's hedge ratio, on an equal share of the
    account. Bars between training and test warm the signals up. In a window's last five bars positions are left, and
    what that costs is paid. A share without a pair stays in cash.

    Parameters
    ----------
    bars : all history, BarPanel or PricePanel; NaN = no bar.
    plan : Plan.
    done : windows finished before, in order, to go on from: the result is the same to the last bit.
    on_window : called with each finished window, to keep it.
    progress : called with (windows done, windows in all), scaled by 1,000.
    should_stop : polled within scans and sweeps.
    n_threads : of scans and sweeps; results do not depend on it.
    choose : called with a window for what `choose_window` makes of it, where that was made elsewhere: trainings do not
        depend on each other, so they may be scanned all at once. None scans each in its turn.

    Raises
    ------
    InvalidInput, TooFewBars
        Bars or a plan that make no sense, before anything runs.
    Cancelled
        ``should_stop`` returned True; what ``on_window`` was given stands.
    """
    whole = as_bars(bars)
    windows = plan.schedule.windows(whole.n_bars)
    names = whole.symbols
    couples = [TradedPair(one, other) for one, other in pairwise(names)]
    universe = open_universe(
        whole, couples, plan.costs, plan.delistings, 0.9
    )  # refuses bad bars now, not midway
    results = list(done)
    if len(results) > len(windows) or any(r.window != w for r, w in zip(results, windows, strict=False)):
        raise InvalidInput("the windows done before are not those of this plan: start again")
    capital = float(results[-1].equity[-1]) if results else float(plan.capital)
    for window in windows[len(results) :]:
        steps = Steps(window.index, len(windows), progress, should_stop)
        result = Turn(whole, plan, window, capital, steps, n_threads, choose).run()
        results.append(result)
        capital = float(result.equity[-1])
        if on_window is not None:
            on_window(result)
        steps.at(1.0)
    manifest = bars_manifest(universe, (), {"kind": "walk_forward"} | plan.as_dict())
    return _together(whole, plan, tuple(results), manifest)


def choose_window(
    bars: BarPanel | PricePanel,
    plan: Plan,
    window: Window,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> Chosen:
    """Scan a window's training and choose its pairs: all of a window that knows nothing of those before it.

    Arguments and errors as in `walk_forward`; ``progress`` counts pairs.
    """
    whole = as_bars(bars)
    training = whole.between(whole.timestamps[window.train_first], whole.timestamps[window.train_end - 1])
    return candidates_of(
        training,
        plan.choice,
        gone=plan.gone_by(whole.timestamps[window.test_first]),
        progress=progress,
        should_stop=should_stop,
        n_threads=n_threads,
    )


def _together(
    bars: BarPanel, plan: Plan, results: tuple[WindowResult, ...], manifest: Manifest
) -> WalkForward:
    """The account through all windows."""
    first = plan.schedule.first_traded
    equity, gross, traded = (
        np.concatenate([getattr(result, name) for result in results])
        for name in ("equity", "gross", "traded")
    )
    trades = TradeTable([trade for result in results for trade in result.trades])
    tally = TrialTally()
    for result in results:
        tally += result.tally
    metrics = summary(
        equity,
        periods_per_year=plan.periods_per_year,
        trade_columns=trades,
        gross=gross,
        traded=traded,
    )
    return WalkForward(
        timestamps=bars.timestamps[first : first + equity.size],
        equity=equity,
        gross=gross,
        traded=traded,
        trades=trades,
        metrics=metrics,
        windows=results,
        tally=tally,
        manifest=manifest,
    )
