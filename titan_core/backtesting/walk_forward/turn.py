"""One window of a walk-forward: choose, tune, trade."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from titan_core.backtesting.engine import BacktestResult, backtest_pair
from titan_core.backtesting.overfitting import TrialTally, probabilistic_sharpes
from titan_core.backtesting.sweep import sweep_pair
from titan_core.backtesting.walk_forward.choice import Candidate, Chosen, candidates_of
from titan_core.backtesting.walk_forward.plan import Plan
from titan_core.backtesting.walk_forward.records import ChosenPair, WindowResult
from titan_core.backtesting.walk_forward.windows import Window
from titan_core.data import BarPanel
from titan_core.errors import Cancelled, TooFewBars
from titan_core.simulation.costs import Delisting
from titan_core.strategy.parameters import Rule
from titan_core.types import Progress, ShouldStop

__all__ = ["Steps", "Turn"]

_CLOSING = 5  # last bars of a window in which positions are left: the next window may choose other pairs
_OPEN, _LEAVE = 0, 2


@dataclass(frozen=True, slots=True)
class Steps:
    """Progress within one window as a part of all."""

    index: int
    n_windows: int
    progress: Progress | None
    should_stop: ShouldStop | None

    def at(self, share: float) -> None:
        """Say that this share of the window is done."""
        if self.progress is not None:
            self.progress(round(1_000 * (self.index + share)), 1_000 * self.n_windows)

    def part(self, first: float, last: float) -> Progress:
        """Progress of a piece of work that takes the window from one share to another."""
        return lambda done, total: self.at(first + (last - first) * done / max(total, 1))

    def check(self) -> None:
        """Stop where that is asked for."""
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
class Turn:
    """One window."""

    bars: BarPanel
    plan: Plan
    window: Window
    capital: float
    steps: Steps
    n_threads: int | None
    choose: Callable[[Window], Chosen] | None = None

    def run(self) -> WindowResult:
        """Choose, tune, trade."""
        window, stamps = self.window, self.bars.timestamps
        training = self.bars.between(stamps[window.train_first], stamps[window.train_end - 1])
        chosen = self.choose(window) if self.choose is not None else self.choice(training)
        tally, tuned, skipped = TrialTally(), [], []
        for at, candidate in enumerate(chosen.candidates):
            self.steps.at(0.5 + 0.4 * at / len(chosen.candidates))
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
        return self._trade(tuned, chosen.n_tests, chosen.n_discoveries, tally, tuple(skipped))

    def choice(self, training: BarPanel) -> Chosen:
        """The pairs of the training's scan."""
        return candidates_of(
            training,
            self.plan.choice,
            gone=self.plan.gone_by(self.bars.timestamps[self.window.test_first]),
            progress=self.steps.part(0.0, 0.5),
            should_stop=self.steps.should_stop,
            n_threads=self.n_threads,
        )

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


def _before(delistings: Sequence[Delisting], bars: BarPanel) -> tuple[Delisting, ...]:
    """Those known by the end of these bars, of their symbols."""
    return tuple(d for d in delistings if d.symbol in bars.symbols and d.timestamp <= bars.timestamps[-1])
