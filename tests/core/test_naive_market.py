"""The engine against an account kept the obvious way, on markets with every trouble."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.conftest import days
from tests.core.naive import market as naive
from tests.core.naive.signals import z_scores
from titan_core.backtesting import backtest_pair
from titan_core.data import BarPanel, CorporateAction
from titan_core.risk import Sizing
from titan_core.simulation import (
    Borrow,
    BorrowRate,
    Commission,
    Costs,
    Delisting,
    Financing,
    Impact,
    Recall,
)
from titan_core.strategy import Rule, TradedPair, compute_signals

PAIR = TradedPair("A", "B", 0.9)


def market(seed, n=160, *, gaps=0.0, actions=0, end=None):
    """Raw bars of two cointegrated symbols, with holes, splits and dividends."""
    rng = np.random.default_rng(seed)
    x = 4 + np.cumsum(0.012 * rng.normal(size=n))
    s = np.zeros(n)
    for t in range(1, n):
        s[t] = 0.85 * s[t - 1] + 0.02 * rng.normal()
    logs = np.column_stack([0.9 * x + 0.5 + s, x])
    close = np.exp(logs)
    told = []
    for _ in range(actions):
        symbol, at = int(rng.integers(2)), int(rng.integers(5, n - 5))
        if rng.random() < 0.5:
            ratio = float(rng.choice([2.0, 3.0, 0.5]))
            close[at:, symbol] /= ratio
            told.append(CorporateAction("AB"[symbol], days(n)[at], "split", ratio))
        else:
            told.append(CorporateAction("AB"[symbol], days(n)[at], "dividend", float(rng.uniform(0.1, 2.0))))
    open_ = close * np.exp(0.004 * rng.normal(size=close.shape))
    high, low = np.maximum(open_, close) * 1.01, np.minimum(open_, close) * 0.99
    volume = rng.uniform(2_000, 9_000, size=close.shape).round()
    hole = rng.random(close.shape) < gaps
    hole[0] = False
    if end is not None:
        hole[end:, int(rng.integers(2))] = True
    for field in (open_, high, low, close, volume):
        field[hole] = np.nan
    return BarPanel(("A", "B"), days(n), open_, high, low, close, volume, tuple(told), "raw")


def legs_of(bars, costs, delistings=()):
    """The panel as the naive account reads it."""
    legs = []
    for j, symbol in enumerate("AB"):
        close = bars.close[:, j]
        there = ~np.isnan(close)
        price = {
            "next_open": bars.open[:, j],
            "next_close": close,
            "mid_range": (bars.high[:, j] + bars.low[:, j]) / 2,
        }[costs.fill]
        n = close.size
        split, dividend = [1.0] * n, [0.0] * n
        for action in bars.actions:
            later = np.flatnonzero(there & (bars.timestamps >= action.timestamp))
            if action.symbol != symbol or not later.size or later[0] == np.flatnonzero(there)[0]:
                continue
            if action.kind == "split":
                split[later[0]] *= action.value
            else:
                dividend[later[0]] += split[later[0]] * action.value
        volume, sigma = [None] * n, [None] * n
        adjusted, grown = bars.volume[:, j].copy(), close.copy()
        factor = np.cumprod(split)
        w = costs.impact.window
        returns = np.full(n, np.nan)
        at = np.flatnonzero(there)
        returns[at[1:]] = np.diff(np.log((grown * factor)[at]))
        for t in range(n):
            old = (adjusted / factor)[max(0, t - w) : t]
            moved = returns[max(0, t - w) : t]
            old, moved = old[~np.isnan(old)], moved[~np.isnan(moved)]
            if old.size >= 5 and moved.size >= 5:
                volume[t], sigma[t] = old.mean() * factor[t], moved.std(ddof=1)
        lends = [True] * n
        for rate in costs.borrow.rates:
            if rate.symbol == symbol:
                for t in np.flatnonzero(bars.timestamps >= rate.timestamp):
                    lends[t] = rate.rate_annual is not None
        recalled = [False] * n
        for recall in costs.borrow.recalls:
            later = np.flatnonzero(there & (bars.timestamps >= recall.timestamp))
            if recall.symbol == symbol and later.size:
                recalled[later[0]] = True
        ends, lost = None, (-0.3, 0.0)
        for delisting in delistings:
            if delisting.symbol == symbol:
                ends = int(np.searchsorted(bars.timestamps, delisting.timestamp))
                lost = lost if delisting.value is None else (delisting.value, delisting.value)
        legs.append(
            SimpleNamespace(
                close=[None if math.isnan(v) else float(v) for v in close],
                fill=[
                    None if math.isnan(v) or math.isnan(p) else float(p)
                    for v, p in zip(close, price, strict=True)
                ],
                dividend=dividend,
                split=split,
                volume=volume,
                sigma=sigma,
                lends=lends,
                recalled=recalled,
                ends=ends,
                lost=lost,
            )
        )
    return legs


def both(bars, rule, costs, *, capital=50_000.0, fraction=1.0, gate=None, delistings=(), start=None):
    """Equity of both, and results of closed trades of both."""
    ours = backtest_pair(
        bars, PAIR, rule=rule, costs=costs, capital=capital, sizing=Sizing(fraction=fraction), gate=gate,
        delistings=delistings, max_jump=9.0, start=start,
    )  # fmt: skip
    signals = ours.signals
    first = bars.n_bars - ours.equity.size
    keys = {
        "half_spread": costs.half_spread_of("A"),
        "bps": costs.commission.bps / 1e4,
        "per_share": costs.commission.per_share,
        "minimum": costs.commission.minimum,
        "per_order": costs.commission.per_order,
        "impact": costs.impact.coefficient,
        "participation": costs.impact.participation,
        "borrow": costs.borrow.rate_annual,
        "debit": costs.financing.debit_rate_annual,
        "credit": costs.financing.credit_rate_annual,
        "lot": costs.lot,
        "legging": costs.legging_bps / 1e4,
        "limit": costs.limit_bps / 1e4,
        "expires": costs.expires_after,
    }
    dates = bars.timestamps.astype("M8[D]").astype(int).tolist()
    equity, results = naive.run(
        legs_of(bars, costs, delistings), dates, signals.z_score.tolist(), signals.dollar_ratio.tolist(), rule=rule,
        costs=keys, capital=capital, fraction=fraction, gate=gate, first=first, life=signals.half_life.tolist(),
    )  # fmt: skip
    return ours, np.array(equity), results


@st.composite
def situations(draw):
    flip = st.booleans()
    bps = st.sampled_from([0.0, 1.0, 7.5])
    rule = Rule(
        draw(st.sampled_from(["rolling", "ewma", "kalman", "ou"])),
        window=draw(st.integers(6, 20)),
        entry_z=draw(st.sampled_from([0.8, 1.3])),
        exit_z=draw(st.sampled_from([-0.5, 0.0, 0.5])),
        stop_z=draw(st.sampled_from([math.inf, 2.5])),
        stop_loss=draw(st.sampled_from([math.inf, 0.01])),
        take_profit=draw(st.sampled_from([math.inf, 0.015])),
        time_stop=draw(st.sampled_from([0, 4])),
        cooldown=draw(st.sampled_from([0, 1, 5])),
        max_half_life=draw(st.sampled_from([math.inf, 6.0])),
        rebalance_every=draw(st.sampled_from([0, 3])),
    )
    costs = Costs(
        fill=draw(st.sampled_from(["next_open", "next_close", "mid_range"])),
        half_spread_bps=draw(bps),
        commission=Commission(draw(bps), *(0.01 * draw(flip), 1.0 * draw(flip), 0.5 * draw(flip))),
        impact=Impact(0.5 * draw(flip), draw(st.sampled_from([math.inf, 0.05])), 8),
        borrow=Borrow(
            0.04 * draw(flip),
            (BorrowRate("B", days(160)[60], None), BorrowRate("B", days(160)[80], 0.04 * 0)) * 0,
            (Recall("A", days(160)[70]), Recall("B", days(160)[100])) if draw(flip) else (),
        ),
        financing=Financing(0.06 * draw(flip), 0.02 * draw(flip)),
        lot=draw(st.sampled_from([0.0, 1.0, 10.0])),
        legging_bps=draw(bps),
        limit_bps=draw(st.sampled_from([math.inf, 30.0])),
    )
    if draw(flip):
        lender = costs.borrow
        costs = Costs(**{f: getattr(costs, f) for f in costs.__slots__ if f != "borrow"}, borrow=Borrow(
            lender.rate_annual,
            (BorrowRate("B", days(160)[60], None), BorrowRate("B", days(160)[90], lender.rate_annual)),
            lender.recalls,
        ))  # fmt: skip
    return rule, costs


@given(
    st.integers(0, 10**6),
    situations(),
    st.sampled_from([0.0, 0.1]),
    st.sampled_from([0, 4]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.5, 1.9]),
)
@settings(max_examples=150)
def test_equity_and_trades_equal_the_obvious_account(seed, situation, gaps, actions, ends, gated, fraction):
    rule, costs = situation
    end = 120 if ends else None
    bars = market(seed, gaps=gaps, actions=actions, end=end)
    told = ()
    if ends:
        gone = "AB"[int(np.argmax(np.isnan(bars.close[120:]).all(axis=0)))]
        told = (Delisting(gone, days(160)[120], None if seed % 2 else -0.6),)
    gate = np.random.default_rng(seed).choice([0, 0, 0, 1, 2], 160).tolist() if gated else None
    start = days(160)[30] if seed % 3 == 0 else None
    ours, equity, results = both(
        bars, rule, costs, fraction=fraction, gate=gate, delistings=told, start=start
    )
    scale = max(1.0, ours.traded.sum()) * 1e-9
    np.testing.assert_allclose(ours.equity, equity, rtol=0, atol=scale)
    closed = ours.trades["exit_reason"] != "open"
    assert closed.sum() == len(results) == ours.metrics["n_trades"]
    assert ours.imbalance <= scale


@pytest.mark.parametrize("name", ["rolling", "ewma", "kalman", "ou"])
@pytest.mark.parametrize("hedge_window", [0, 25])
def test_signals_equal_the_obvious_ones(name, hedge_window):
    bars = market(3, 220)
    y, x = np.log(bars.close).T
    if name == "kalman" and hedge_window:
        return
    rule = Rule(name, window=15, hedge_window=hedge_window)
    ours = compute_signals(y, x, rule, PAIR)
    z, beta = z_scores(y, x, rule=name, hedge_ratio=0.9, window=15, hedge_window=hedge_window)
    np.testing.assert_array_equal(np.isnan(ours.z_score), np.isnan(z))
    # the short covariance update of the textbook loses a few digits
    np.testing.assert_allclose(ours.z_score, z, rtol=1e-7, atol=1e-6 if name == "kalman" else 1e-9)
    np.testing.assert_allclose(ours.hedge_ratio, beta, rtol=1e-7)
    assert np.isfinite(z).sum() > 100
