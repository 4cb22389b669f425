"""Walk-forward: choose pairs and settings on the past, trade the future, choose again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from titan_core.backtesting.engine.pair import backtest_pair
from titan_core.backtesting.engine.prepare import as_bars, bars_manifest, open_universe
from titan_core.backtesting.engine.result import BacktestResult
from titan_core.backtesting.metrics import summary
from titan_core.backtesting.overfitting import TrialTally, probabilistic_sharpes
from titan_core.backtesting.sweep import check_grid, sweep_pair
from titan_core.backtesting.walk_forward.choice import Candidate, Choice, candidates_of
from titan_core.backtesting.walk_forward.records import ChosenPair, WalkForward, WindowResult
from titan_core.backtesting.walk_forward.windows import Schedule, Window
from titan_core.checks import as_number
from titan_core.data import BarPanel, PricePanel
from titan_core.errors import Cancelled, InvalidInput, TooFewBars
from titan_core.risk.sizing import Sizing
from titan_core.simulation.costs import Costs, Delisting
from titan_core.simulation.trades import TradeTable
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.types import Progress, ShouldStop

__all__ = ["OnWindow", "Plan", "walk_forward"]

OnWindow: TypeAlias = Callable[[WindowResult], None]
_CLOSING = 5  # last bars of a window in which positions are left: the next window may choose other pairs
_OPEN, _LEAVE = 0, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a walk-forward but the bars.

    Attributes
    ----------
    schedule : Schedule
    grid : names of `Rule` fields, each with the values to try in every window
    costs : Costs
    capital : money at the first traded bar
    choice : Choice, how a window's scan becomes pairs
    rule : what the grid does not name
    sizing : of each pair, as a fraction of its share of the account
    delistings : symbols that cease to trade for good
    max_jump : largest move of a close in one bar that no split explains
    periods_per_year : by calendar
    """

    schedule: Schedule
    grid: Mapping[str, Sequence[Any]]
    costs: Costs
    capital: float
    choice: Choice = field(default_factory=Choice)
    rule: Rule = field(default_factory=Rule)
    sizing: Sizing = field(default_factory=Sizing)
    delistings: tuple[Delisting, ...] = ()
    max_jump: float = 0.85
    periods_per_year: float = 252.0

    def __post_init__(self) -> None:
        """There is money, and the schedule leaves room for the rules tried."""
        if as_number(self.capital, "capital") <= 0.0:
            raise InvalidInput(f"capital is {self.capital}: a walk-forward needs money above 0")
        if self.sizing.name == "kelly":
            raise InvalidInput(
                "kelly sizes by each rule's own past, which a sweep has not: choose another sizing"
            )
        check_grid(self.grid, self.rule)
        longest = self._largest("window", "hedge_window", "half_life_window")
        if self.schedule.embargo < longest:
            raise InvalidInput(
                f"embargo is {self.schedule.embargo} bars and the rules tried look back {longest}: signals in the test "
                "would read bars the choice was made on; make it as long"
            )
        if self.schedule.purge == 0 and 0 in self.grid.get("time_stop", (self.rule.time_stop,)):
            raise InvalidInput(
                "purge is 0 and a rule without time_stop may hold a trade for any time: give a purge (60 bars, say) "
                "or a time_stop"
            )
        holding = self._largest("time_stop")
        if self.schedule.purge < holding:
            raise InvalidInput(
                f"purge is {self.schedule.purge} bars and trades may be held {holding}: make it as long"
            )

    def _largest(self, *names: str) -> int:
        """Largest value tried: the grid's where it names the setting, else the rule's."""
        return max(int(v) for name in names for v in self.grid.get(name, (getattr(self.rule, name),)))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "schedule": asdict(self.schedule),
            "grid": {name: [_plain(v) for v in values] for name, values in self.grid.items()},
            "costs": self.costs.as_dict(),
            "capital": self.capital,
            "choice": self.choice.as_dict(),
            "rule": self.rule.as_dict(),
            "sizing": self.sizing.as_dict(),
            "delistings": [[d.symbol, str(d.timestamp), d.value] for d in self.delistings],
            "max_jump": self.max_jump,
            "periods_per_year": self.periods_per_year,
        }


def walk_forward(
    bars: BarPanel | PricePanel,
    plan: Plan,
    *,
    done: Sequence[WindowResult] = (),
    on_window: OnWindow | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> WalkForward:
    """Scan, sweep and trade, window by window; nothing a test trades on was known later than its training.

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
        steps = _Steps(window.index, len(windows), progress, should_stop)
        result = _Turn(whole, plan, window, capital, steps, n_threads).run()
        results.append(result)
        capital = float(result.equity[-1])
        if on_window is not None:
            on_window(result)
        steps.at(1.0)
    manifest = bars_manifest(universe, (), {"kind": "walk_forward"} | plan.as_dict())
    return _together(whole, plan, tuple(results), manifest)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Progress within one window as a part of all."""

    index: int
    n_windows: int
    progress: Progress | None
    should_stop: ShouldStop | None

    def at(self, share: float) -> None:
        if self.progress is not None:
            self.progress(round(1_000 * (self.index + share)), 1_000 * self.n_windows)

    def part(self, first: float, last: float) -> Progress:
        return lambda done, total: self.at(first + (last - first) * done / max(total, 1))

    def check(self) -> None:
        if self.should_stop is not None and self.should_stop():
            raise Cancelled(f"the walk-forward was stopped in window {self.index + 1} of {self.n_windows}")


@dataclass(frozen=True, slots=True)
class _Tuned:
    """A pair with the rule its training chose."""

    candidate: Candidate
    rule: Rule
    sharpe: float
    probability: float


@dataclass(frozen=True, slots=True)
class _Turn:
    """One window."""

    bars: BarPanel
    plan: Plan
    window: Window
    capital: float
    steps: _Steps
    n_threads: int | None

    def run(self) -> WindowResult:
        """Choose, tune, trade."""
        window, stamps = self.window, self.bars.timestamps
        training = self.bars.between(stamps[window.train_first], stamps[window.train_end - 1])
        candidates, scan = candidates_of(
            training,
            self.plan.choice,
            progress=self.steps.part(0.0, 0.5),
            should_stop=self.steps.should_stop,
            n_threads=self.n_threads,
        )
        tally, tuned, skipped = TrialTally(), [], []
        for at, candidate in enumerate(candidates):
            self.steps.at(0.5 + 0.4 * at / len(candidates))
            self.steps.check()
            try:
                best, trials = self._tune(training, candidate)
            except TooFewBars as error:  # whatever else is wrong is wrong for all pairs, and said
                skipped.append((candidate.pair.name, str(error)))
                continue
            tally += trials
            if best is None:
                skipped.append((candidate.pair.name, "no setting of the grid traded it in training"))
            else:
                tuned.append(best)
        return self._trade(tuned, scan.n_tests, scan.n_discoveries, tally, tuple(skipped))

    def _tune(self, training: BarPanel, candidate: Candidate) -> tuple[_Tuned | None, TrialTally]:
        """Best rule of the grid on the training bars, None where none ever traded; and what was tried."""
        plan = self.plan
        sweep = sweep_pair(
            training.select([candidate.pair.symbol_1, candidate.pair.symbol_2]),
            candidate.pair,
            grid=plan.grid,
            costs=plan.costs,
            capital=self.capital / plan.choice.n_pairs,
            rule=plan.rule,
            sizing=plan.sizing,
            delistings=_before(plan.delistings, training),
            max_jump=plan.max_jump,
            periods_per_year=plan.periods_per_year,
            n_threads=self.n_threads,
            should_stop=self.steps.should_stop,
        )
        tally = TrialTally.of(sweep.metrics["sharpe_ratio"] / np.sqrt(plan.periods_per_year))
        probabilities = probabilistic_sharpes(sweep.metrics)
        if np.isnan(probabilities).all():
            return None, tally
        best = int(np.nanargmax(probabilities))
        sharpe = float(sweep.metrics["sharpe_ratio"][best])
        return _Tuned(candidate, sweep.rule_at(best), sharpe, float(probabilities[best])), tally

    def _trade(
        self,
        tuned: list[_Tuned],
        n_tests: int,
        n_discoveries: int,
        tally: TrialTally,
        skipped: tuple[tuple[str, str], ...],
    ) -> WindowResult:
        window, n_bars = self.window, self.bars.n_bars
        end = min(window.test_end, n_bars)
        share = self.capital / self.plan.choice.n_pairs
        gross, traded = np.zeros(end - window.test_first), np.zeros(end - window.test_first)
        gains = np.zeros(end - window.test_first)
        chosen, trades = [], []
        for one in tuned:
            self.steps.check()
            result = self._backtest(one, share, end)
            gains += result.equity - share
            gross += result.gross
            traded += result.traded
            rows = result.trades.rows()
            trades += rows
            candidate = one.candidate
            chosen.append(
                ChosenPair(
                    pair=candidate.pair,
                    rule=one.rule,
                    pvalue=candidate.pvalue,
                    qvalue=candidate.qvalue,
                    half_life=candidate.half_life,
                    in_sample_sharpe=one.sharpe,
                    in_sample_probability=one.probability,
                    sharpe=result.metrics["sharpe_ratio"],
                    net_pnl=float(result.equity[-1] - share),
                    n_trades=len(rows),
                )
            )
        return WindowResult(
            window=window,
            pairs=tuple(chosen),
            n_tests=n_tests,
            n_discoveries=n_discoveries,
            tally=tally,
            equity=self.capital + gains,
            gross=gross,
            traded=traded,
            trades=tuple(trades),
            skipped=skipped,
        )

    def _backtest(self, tuned: _Tuned, share: float, end: int) -> BacktestResult:
        """The test of one pair: signals warmed up from the training on, positions left as the window ends."""
        window, plan, stamps = self.window, self.plan, self.bars.timestamps
        pair = tuned.candidate.pair
        bars = self.bars.select([pair.symbol_1, pair.symbol_2])
        bars = bars.between(stamps[window.train_first], stamps[end - 1])
        gate = np.full(end - window.train_first, _OPEN)
        gate[max(0, window.test_end - _CLOSING - window.train_first) :] = _LEAVE
        return backtest_pair(
            bars,
            pair,
            rule=tuned.rule,
            costs=plan.costs,
            capital=share,
            sizing=plan.sizing,
            start=stamps[window.test_first],
            gate=gate,
            delistings=_before(plan.delistings, bars),
            max_jump=plan.max_jump,
            periods_per_year=plan.periods_per_year,
        )


def _together(bars: BarPanel, plan: Plan, results: tuple[WindowResult, ...], manifest: Any) -> WalkForward:
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


def _before(delistings: Sequence[Delisting], bars: BarPanel) -> tuple[Delisting, ...]:
    """Those known by the end of these bars, of their symbols."""
    return tuple(d for d in delistings if d.symbol in bars.symbols and d.timestamp <= bars.timestamps[-1])


def _plain(value: Any) -> Any:
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and np.isinf(number) else number
