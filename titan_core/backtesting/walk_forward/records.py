"""What a window of a walk-forward leaves behind, in memory and as a checkpoint; and all windows together."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from titan_core.backtesting.metrics import Metric
from titan_core.backtesting.overfitting import TrialTally
from titan_core.backtesting.walk_forward.windows import Window
from titan_core.data.instants import Instants
from titan_core.manifest import Manifest
from titan_core.simulation.trades import Trade, TradeTable
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.types import Float1D

__all__ = ["ChosenPair", "WalkForward", "WindowResult"]

_TIMES = ("entry_decided_at", "entry_filled_at", "exit_decided_at", "exit_filled_at")


@dataclass(frozen=True, slots=True)
class ChosenPair:
    """A pair a window chose, all of it known at the end of its training, but for the last three.

    Attributes
    ----------
    pair : TradedPair, hedge ratio of the training
    rule : Rule, best of the grid in training by probabilistic Sharpe ratio against zero
    pvalue, qvalue, half_life : of the scan
    in_sample_sharpe, in_sample_probability : annual Sharpe ratio of that rule in training, and its probability
    sharpe, net_pnl, n_trades : in the test; the Sharpe ratio is NaN where it never traded
    """

    pair: TradedPair
    rule: Rule
    pvalue: float
    qvalue: float
    half_life: float
    in_sample_sharpe: float
    in_sample_probability: float
    sharpe: float
    net_pnl: float
    n_trades: int


@dataclass(frozen=True, slots=True, eq=False)
class WindowResult:
    """One window, finished.

    Attributes
    ----------
    window : Window
    pairs : ChosenPair each, the strongest first
    n_tests, n_discoveries : of the scan of its training
    tally : trials of its sweeps
    equity : ndarray of shape (n_test_bars,), money at each close of the test; the first bar is still the last window's
    gross, traded : ndarray alike: gross exposure, value traded
    trades : Trade each, by pair and entry
    skipped : pairs that were chosen and could not be traded, with the reason
    """

    window: Window
    pairs: tuple[ChosenPair, ...]
    n_tests: int
    n_discoveries: int
    tally: TrialTally
    equity: Float1D = field(repr=False)
    gross: Float1D = field(repr=False)
    traded: Float1D = field(repr=False)
    trades: tuple[Trade, ...] = field(repr=False)
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def in_sample_sharpe(self) -> float:
        """Mean over its pairs of the annual Sharpe ratios that won the training; NaN without pairs."""
        return float(np.mean([p.in_sample_sharpe for p in self.pairs])) if self.pairs else math.nan

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, from which `from_dict` makes the same to the last bit: a checkpoint."""
        pairs = [
            asdict(chosen) | {"rule": chosen.rule.as_dict(), "pair": asdict(chosen.pair)}
            for chosen in self.pairs
        ]
        trades = [
            {name: str(value) if name in _TIMES else value for name, value in asdict(trade).items()}
            for trade in self.trades
        ]
        values: dict[str, Any] = {
            "window": asdict(self.window),
            "pairs": pairs,
            "n_tests": self.n_tests,
            "n_discoveries": self.n_discoveries,
            "tally": self.tally.as_dict(),
            "equity": self.equity.tolist(),
            "gross": self.gross.tolist(),
            "traded": self.traded.tolist(),
            "trades": trades,
            "skipped": [list(item) for item in self.skipped],
        }
        plain: dict[str, Any] = _plain(values)
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "WindowResult":
        """The window that `as_dict` wrote."""
        pairs = [
            ChosenPair(
                **{k: _number(v) for k, v in p.items() if k not in {"pair", "rule"}},
                pair=TradedPair(**p["pair"]),
                rule=Rule.from_dict(p["rule"]),
            )
            for p in values["pairs"]
        ]
        trades = [_trade(row) for row in values["trades"]]
        series = {name: np.array(values[name], dtype=np.float64) for name in ("equity", "gross", "traded")}
        return cls(
            window=Window(**values["window"]),
            pairs=tuple(pairs),
            n_tests=values["n_tests"],
            n_discoveries=values["n_discoveries"],
            tally=TrialTally(**values["tally"]),
            trades=tuple(trades),
            skipped=tuple((str(name), str(reason)) for name, reason in values["skipped"]),
            **series,
        )


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward:
    """All windows, and the account that traded through them.

    Attributes
    ----------
    timestamps : (n,) bars traded
    equity, gross, traded : (n,) money at each close, gross exposure, value traded
    trades : TradeTable
    metrics : by name, of the tests alone (`backtesting.metrics.summary`)
    windows : WindowResult each
    tally : trials of all windows' sweeps
    manifest : what decides every bit of this
    """

    timestamps: Instants = field(repr=False)
    equity: Float1D = field(repr=False)
    gross: Float1D = field(repr=False)
    traded: Float1D = field(repr=False)
    trades: TradeTable = field(repr=False)
    metrics: dict[str, Metric]
    windows: tuple[WindowResult, ...] = field(repr=False)
    tally: TrialTally
    manifest: Manifest = field(repr=False)


def _trade(row: Mapping[str, Any]) -> Trade:
    values: dict[str, Any] = {
        name: np.datetime64(value, "us") if name in _TIMES else _number(value) for name, value in row.items()
    }
    return Trade(**values)


def _plain(value: Any) -> Any:
    """JSON without its missing numbers: NaN and infinities by name."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    """A number that was kept by name."""
    return float(value) if value in ("nan", "inf", "-inf") else value
