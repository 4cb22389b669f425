"""Proof that a run is blind to the future: run it again on other futures, and show the first bar where it differs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.engine import backtest_pair
from titan_core.backtesting.engine.prepare import as_bars
from titan_core.backtesting.walk_forward import Plan, WalkForward, walk_forward
from titan_core.causality import LookAhead, find_look_ahead
from titan_core.data import BarPanel, PricePanel
from titan_core.errors import InvalidInput
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.types import Float2D

__all__ = [
    "Part",
    "RunLookAhead",
    "Trace",
    "find_run_look_ahead",
    "first_complete",
    "padded",
    "pair_look_ahead",
    "trace_pair",
    "trace_walk_forward",
    "walk_forward_look_ahead",
]

Part: TypeAlias = Literal["pairs", "hedge_ratio", "signal", "decision", "fill"]
PARTS: tuple[Part, ...] = get_args(Part)

# A run as far as it tells what it decided: part -> array with one row a bar of the panel.
Trace: TypeAlias = Mapping[Part, npt.NDArray[Any]]
_FIELDS = ("open", "high", "low", "close", "volume")
_STEP = (
    0.03  # of the random walk a future is bent by: other prices, but none that a split would have to explain
)


@dataclass(frozen=True, slots=True)
class RunLookAhead:
    """Where a run knew what was still to come.

    Attributes
    ----------
    part : "pairs", "hedge_ratio", "signal", "decision" or "fill": the first in this order that differs at ``bar``
    bar, timestamp : the earliest bar that differs
    cut : bars that were left as they are; only later ones were touched
    kind : "truncated" or "perturbed"
    known, again : what it was with the true future, and with the other one
    """

    part: Part
    bar: int
    timestamp: np.datetime64
    cut: int
    kind: str
    known: str
    again: str

    def __str__(self) -> str:
        return (
            f"{self.part} of bar {self.bar} ({self.timestamp}) is {self.known} with the whole history and {self.again} "
            f"when the bars from {self.cut} on are {self.kind}: the run looks ahead"
        )


def find_run_look_ahead(
    run: Callable[[BarPanel], Trace],
    bars: BarPanel | PricePanel,
    *,
    generator: np.random.Generator,
    min_bars: int,
    n_cuts: int = 6,
    cuts: Sequence[int] | None = None,
) -> RunLookAhead | None:
    """The first bar at which a pair, hedge ratio, signal, decision or fill depends on later bars; None where none does.

    At every cut the run is made on the first bars alone, and twice on bars whose later prices follow another path.
    Whatever it said of bars before the cut must be the same to the last bit.

    Parameters
    ----------
    run : makes the run on bars it is given, and says what it decided (`trace_pair`, `trace_walk_forward`): always the
        same parts, each that the run can tell. A decision of a bar is what it aims at after it, filled or not.
    bars : the history, as it was run on.
    generator : for cuts and paths.
    min_bars : fewest bars the run accepts; cuts lie after every symbol's first bar too.
    n_cuts, cuts : how many, or which; as in `titan_core.causality.find_look_ahead`.

    Raises
    ------
    InvalidInput
        A trace of no part or of one not known, or without one row a bar; and whatever the run refuses.
    """
    whole = as_bars(bars)
    listed = int(
        np.argmax(np.isfinite(whole.close), axis=0).max()
    )  # a run refuses a symbol that has no bar yet
    present = [name for name in _FIELDS if getattr(whole, name) is not None]
    told: list[Part] = []

    def outputs(stamps: npt.NDArray[Any], *fields: Float2D) -> tuple[npt.NDArray[Any], ...]:
        trace = run(_panel(whole, stamps, dict(zip(present, fields, strict=True))))
        unknown = sorted(set(trace) - set(PARTS))
        if unknown or not trace:
            raise InvalidInput(
                f"a trace tells of {', '.join(PARTS)}, of one or more; it is of {', '.join(unknown) or 'none'}"
            )
        told[:] = [part for part in PARTS if part in trace]
        return tuple(np.asarray(trace[part]) for part in told)

    found = find_look_ahead(
        outputs,
        whole.timestamps,
        *(getattr(whole, name) for name in present),
        rng=generator,
        min_bars=max(min_bars, listed + 2),
        n_cuts=n_cuts,
        cuts=cuts,
        perturb=(_bent, _bent),
    )
    return None if found is None else _named(found, told[found.output], whole)


def pair_look_ahead(
    bars: BarPanel | PricePanel,
    pair: TradedPair | tuple[str, str],
    *,
    generator: np.random.Generator,
    n_cuts: int = 6,
    **options: Any,
) -> RunLookAhead | None:
    """`find_run_look_ahead` of `backtest_pair` with these options.

    A pair's frozen hedge ratio is taken as given: whether it was fitted before the first decision is not seen here.
    """
    rule = options.get("rule")
    if not isinstance(rule, Rule):
        raise InvalidInput("rule is missing: pass the options the run was made with")
    whole = as_bars(bars)
    start = options.get("start")
    first = 0 if start is None else int(np.searchsorted(whole.timestamps, np.datetime64(start, "us")))
    return find_run_look_ahead(
        lambda part: trace_pair(part, pair, **options),
        whole,
        generator=generator,
        min_bars=max(first_complete(whole, [pair], rule.lookback), first + 2),
        n_cuts=n_cuts,
    )


def walk_forward_look_ahead(
    bars: BarPanel | PricePanel, plan: Plan, *, generator: np.random.Generator, n_cuts: int = 4
) -> RunLookAhead | None:
    """`find_run_look_ahead` of `walk_forward` with this plan: costs three runs a cut.

    Delistings after a shortened history's end are not told to the run of it: a choice must not know them.
    """

    def traced(part: BarPanel) -> Trace:
        told = tuple(d for d in plan.delistings if d.timestamp <= part.timestamps[-1])
        return trace_walk_forward(walk_forward(part, replace(plan, delistings=told)), part)

    return find_run_look_ahead(
        traced,
        bars,
        generator=generator,
        min_bars=plan.schedule.min_bars,
        n_cuts=n_cuts,
    )


def first_complete(bars: BarPanel, pairs: Sequence[TradedPair | tuple[str, str]], lookback: int) -> int:
    """Fewest first bars on which both legs of every pair have two more than ``lookback``, as a run of them needs."""
    least = lookback + 2
    for one in pairs:
        traded = TradedPair.of(one)
        both = np.isfinite(bars.select([traded.symbol_1, traded.symbol_2]).close).all(axis=1)
        rows = np.flatnonzero(both)[: lookback + 2]
        least = max(least, int(rows[-1]) + 1) if rows.size else least
    return least


def trace_pair(bars: BarPanel, pair: TradedPair | tuple[str, str], **options: Any) -> Trace:
    """What `backtest_pair` decided; positions after each bar stand for its fills, targets for its decisions."""
    gate = options.get("gate")
    if gate is not None:
        options = options | {"gate": np.asarray(gate)[: bars.n_bars]}
    result = backtest_pair(bars, pair, **options)
    before = bars.n_bars - result.equity.size
    return {
        "pairs": np.full(bars.n_bars, TradedPair.of(pair).name),
        "hedge_ratio": result.signals.hedge_ratio,
        "signal": np.column_stack([result.signals.z_score, result.signals.half_life]),
        "decision": padded(result.targets, before),
        "fill": padded(np.column_stack([result.positions, result.equity]), before),
    }


def padded(values: npt.NDArray[np.float64], before: int) -> npt.NDArray[np.float64]:
    """Rows of a run with one of zeros for each bar ``before`` its account was opened."""
    return np.concatenate([np.zeros((before, values.shape[1])), values])


def trace_walk_forward(result: WalkForward, bars: BarPanel) -> Trace:
    """What a walk-forward decided, bar by bar: its pairs with their rules, hedge ratios, and the account they moved.

    Signals and decisions are not told: one that differs shows in the account as soon as it moves money.
    """
    n = bars.n_bars
    pairs = np.full(n, "", dtype=object)
    ratios = np.full(n, "", dtype=object)
    for window in result.windows:
        part = slice(window.window.test_first, min(window.window.test_end, n))
        pairs[part] = "; ".join(f"{p.pair.name} {p.rule.as_dict()}" for p in window.pairs)
        ratios[part] = "; ".join(repr(p.pair.hedge_ratio) for p in window.pairs)
    first = result.windows[0].window.test_first
    account = np.column_stack([result.equity, result.gross, result.traded])
    traded = np.concatenate([np.zeros((first, 3)), account, np.zeros((n - first - len(account), 3))])
    return {"pairs": pairs.astype(str), "hedge_ratio": ratios.astype(str), "fill": traded}


def _panel(whole: BarPanel, stamps: npt.NDArray[Any], fields: dict[str, Float2D]) -> BarPanel:
    """The same symbols on these bars; actions that are still to come are not known."""
    known = tuple(action for action in whole.actions if action.timestamp <= stamps[-1])
    changes: dict[str, Any] = {"timestamps": stamps, "actions": known, **fields}
    return replace(whole, **changes)


def _bent(future: tuple[npt.NDArray[Any], ...], rng: np.random.Generator) -> tuple[npt.NDArray[Any], ...]:
    """Every symbol's later prices times a random walk of its own, the same for all fields of a bar."""
    shape = next(part.shape for part in future if part.dtype.kind == "f")
    walk = np.exp(np.cumsum(rng.normal(0.0, _STEP, shape), axis=0))
    return tuple(part * walk if part.dtype.kind == "f" else part for part in future)


def _named(found: LookAhead, part: Part, whole: BarPanel) -> RunLookAhead:
    return RunLookAhead(
        part=part,
        bar=found.bar,
        timestamp=whole.timestamps[found.bar],
        cut=found.cut,
        kind=found.kind,
        known=str(found.known),
        again=str(found.again),
    )
