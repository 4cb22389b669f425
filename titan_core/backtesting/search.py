"""A search of a rule's settings: batches of points, each run by one `sweep_pair`, chosen by what earlier ones gave."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from titan_core.backtesting.overfitting import TrialTally, probabilistic_sharpes
from titan_core.backtesting.search_space import CONTRADICTION, Range, check_space, suggested
from titan_core.backtesting.sweep import SweepResult, sweep_pair
from titan_core.checks import as_count
from titan_core.data import BarPanel, PricePanel
from titan_core.errors import Cancelled, InvalidInput, TitanError
from titan_core.manifest import Manifest
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.types import Progress, ShouldStop

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial

__all__ = ["SearchResult", "search_pair"]


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """What a search tried and found.

    Attributes
    ----------
    sweep : the points that were run, in the order they were asked for; each is one trial
    best : row of `sweep` with the highest probabilistic Sharpe ratio against zero; the first of equals
    tally : every trial's one-bar Sharpe ratio, to deflate the best one by, once
    n_left_out : points that contradict themselves: not run, so no trials
    n_repeated : points asked for again: run once, counted once
    """

    sweep: SweepResult
    best: int
    tally: TrialTally
    n_left_out: int
    n_repeated: int

    @property
    def rule(self) -> Rule:
        """The best point's rule."""
        return self.sweep.rule_at(self.best)


def search_pair(
    bars: BarPanel | PricePanel,
    pair: TradedPair | tuple[str, str],
    *,
    space: Mapping[str, Range | Sequence[Any]],
    n_trials: int,
    seed: int,
    batch: int = 16,
    rule: Rule | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    done: Sequence[SweepResult] = (),
    on_batch: Callable[[int, SweepResult], None] | None = None,
    **terms: Any,
) -> SearchResult:
    """Search for the settings of highest probabilistic Sharpe ratio against zero with a tree of Parzen estimators.

    Parameters
    ----------
    space : names of `Rule` fields, each with a `Range` or the values to choose of.
    n_trials : points to ask for; those left out and repeated are among them.
    seed : decides every point; the same seed, space and bars give the same answer, with any number of threads.
    batch : points asked for, run in one `sweep_pair` and told together.
    rule : the settings the space does not name.
    progress, should_stop : called between batches; ``should_stop`` within them too.
    done : batches an interrupted search of the same arguments gave to ``on_batch``: told again instead of run again,
        which rebuilds the sampler, so that the answer is the uninterrupted one's to the last bit.
    on_batch : called with the number, from 0, and the result of each batch that was run now.
    bars, pair, terms : as `sweep_pair` (costs, capital, sizing, ...).

    Raises
    ------
    InvalidInput, TooFewBars
        As `sweep_pair`; also a space that names nothing, or where every point contradicts itself or never traded.
    Cancelled
        ``should_stop`` answered yes.
    TitanError
        Optuna is not installed.

    References
    ----------
    Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24.
    """
    as_count(n_trials, "n_trials", minimum=1)
    as_count(batch, "batch", minimum=1)
    base = rule or Rule()
    check_space(space, base)
    space = dict(sorted(space.items()))  # no order of names means anything: a database may keep another
    asked = _Asked(_study(seed), space, base)
    parts: list[SweepResult] = []
    for at in range(0, n_trials, batch):
        if should_stop is not None and should_stop():
            raise Cancelled(f"stopped after {at} of {n_trials} points")
        points = asked.ask(min(batch, n_trials - at))
        if points:
            grid = {name: [point[name] for point in points] for name in space}
            part = _kept(done, len(parts), grid)
            if part is None:
                part = sweep_pair(
                    bars, pair, grid=grid, paired=True, rule=base, should_stop=should_stop, **terms
                )
                if on_batch is not None:
                    on_batch(len(parts), part)
            parts.append(part)
            asked.learn(points, probabilistic_sharpes(part.metrics))
        asked.tell()
        if progress is not None:
            progress(min(at + batch, n_trials), n_trials)
    if not parts:
        raise InvalidInput(CONTRADICTION)
    sweep = _joined(parts, space, n_trials, batch, seed, asked.n_left_out)
    values = probabilistic_sharpes(sweep.metrics)
    if np.isnan(values).all():
        raise InvalidInput("no point ever traded: widen the space towards a lower entry_z, or take more bars")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = sweep.metrics["mean"] / sweep.metrics["deviation"]
    ratios = np.where(sweep.metrics["deviation"] > 0.0, ratios, np.nan)
    return SearchResult(
        sweep, int(np.nanargmax(values)), TrialTally.of(ratios), asked.n_left_out, asked.n_repeated
    )


class _Asked:
    """What was asked for, and what it gave."""

    def __init__(self, study: "Study", space: Mapping[str, Range | Sequence[Any]], rule: Rule) -> None:
        self.study, self.space, self.rule = study, space, rule
        self.known: dict[tuple[Any, ...], float] = {}
        self.open: list[tuple[Trial, tuple[Any, ...] | None]] = []
        self.n_left_out = self.n_repeated = 0

    def ask(self, n: int) -> list[dict[str, Any]]:
        """The next points; of them those to run."""
        fresh: dict[tuple[Any, ...], dict[str, Any]] = {}
        for _ in range(n):
            trial = self.study.ask()
            point = {name: suggested(trial, name, values) for name, values in self.space.items()}
            key = tuple(point.values())
            if not self._is_possible(point):
                self.n_left_out += 1
                self.open.append((trial, None))
                continue
            if key in self.known or key in fresh:
                self.n_repeated += 1
            else:
                fresh[key] = point
            self.open.append((trial, key))
        return list(fresh.values())

    def learn(self, points: Sequence[Mapping[str, Any]], values: Any) -> None:
        """Keep what points gave."""
        for point, value in zip(points, values, strict=True):
            self.known[tuple(point.values())] = float(value)

    def tell(self) -> None:
        """Tell the sampler; without a value it takes a point for worse than any that has one."""
        from optuna.trial import TrialState

        for trial, key in self.open:
            value = math.nan if key is None else self.known[key]
            if math.isnan(value):
                self.study.tell(trial, state=TrialState.PRUNED)
            else:
                self.study.tell(trial, value)
        self.open.clear()

    def _is_possible(self, point: dict[str, Any]) -> bool:
        try:
            replace(self.rule, **point)
        except InvalidInput:
            return False
        return True


def _study(seed: int) -> "Study":
    """A study in memory that says nothing."""
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise TitanError("search_pair needs Optuna: pip install 'titan-trading[search]'") from error
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        sampler = optuna.samplers.TPESampler(
            seed=as_count(seed, "seed", minimum=0), multivariate=True, constant_liar=True
        )
        return optuna.create_study(direction="maximize", sampler=sampler)
    finally:
        optuna.logging.set_verbosity(level)


def _kept(done: Sequence[SweepResult], number: int, grid: Mapping[str, Sequence[Any]]) -> SweepResult | None:
    """The batch of a number, if it was of these points."""
    if number >= len(done) or list(done[number].parameters) != list(grid):
        return None
    part = done[number]
    same = all(part.parameters[name].tolist() == list(values) for name, values in grid.items())
    return part if same else None


def _joined(
    parts: Sequence[SweepResult],
    space: Mapping[str, Range | Sequence[Any]],
    n_trials: int,
    batch: int,
    seed: int,
    n_left_out: int,
) -> SweepResult:
    """All batches as one, with what decides the whole search for a manifest."""
    first = parts[0]
    parameters = {name: np.concatenate([part.parameters[name] for part in parts]) for name in space}
    decided = dict(first.manifest.parameters) | {
        "kind": "search",
        "grid": {name: [None if v == math.inf else v for v in c.tolist()] for name, c in parameters.items()},
        "n_trials": n_trials,
        "batch": batch,
    }
    return SweepResult(
        parameters,
        {name: np.concatenate([part.metrics[name] for part in parts]) for name in first.metrics},
        np.concatenate([part.blocks for part in parts], axis=2),
        n_left_out,
        first.rule,
        Manifest(first.manifest.panel_hash, decided, first.manifest.engine_version, seed),
        first.notes,
    )
