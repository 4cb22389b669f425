"""The machine that deflates, on markets whose truth is known.

200 pairs that are random walks, each traded by the best of 1,000 settings of a z-score rule at zero cost over ten
years: chance finds a Sharpe above zero nearly every time, and deflation may call 18 of them significant at most (99 %
binomial bound of 5 %). The same grid on spreads that revert so that its best setting truly has a Sharpe of 2 must be
found in 80 %.
"""

import os

import numpy as np
import pytest

from titan_core.backtesting.overfitting import TrialTally, deflated_sharpe, probabilistic_sharpe
from titan_core.statistics.moments import Moments

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "1"))
BARS = 2_520
WINDOWS = (20, 30, 40, 50, 60, 70, 80, 90, 100, 120)
ENTRIES, EXITS = np.linspace(1.0, 2.8, 10), np.linspace(-0.4, 0.5, 10)


def z_scores(spreads, window):
    views = np.lib.stride_tricks.sliding_window_view(spreads, window, axis=0)
    z = np.full(spreads.shape, np.nan)
    z[window - 1 :] = (spreads[window - 1 :] - views.mean(axis=2)) / views.std(axis=2, ddof=1)
    return z


def grid_of_rules(spreads):
    """Moments of bar P&L of every setting: mean, deviation, skewness, kurtosis, each (n_markets, 1000)."""
    n, markets = spreads.shape[0] - 1, spreads.shape[1]
    z = np.nan_to_num(np.stack([z_scores(spreads, w) for w in WINDOWS], axis=2))
    entry, leave = np.repeat(ENTRIES, EXITS.size), np.tile(EXITS, ENTRIES.size)
    position = np.zeros((markets, len(WINDOWS), entry.size))
    powers = np.zeros((4, *position.shape))
    for t in range(n):
        now = z[t][:, :, None]
        held = (position != 0.0) & (position * now < -leave)
        opened = (position == 0.0) & (np.abs(now) >= entry)
        position = np.where(held, position, np.where(opened, -np.sign(now), 0.0))
        pnl = position * (spreads[t + 1] - spreads[t])[:, None, None]
        square = pnl * pnl
        powers += pnl, square, square * pnl, square * square
    m1, m2, m3, m4 = powers.reshape(4, markets, -1) / n
    variance = m2 - m1**2
    third = m3 - 3.0 * m1 * m2 + 2.0 * m1**3
    fourth = m4 - 4.0 * m1 * m3 + 6.0 * m1**2 * m2 - 3.0 * m1**4
    return m1, np.sqrt(variance * n / (n - 1)), third / variance**1.5, fourth / variance**2


def verdicts(spreads):
    """Of each market's best setting: deflated and plain probability."""
    columns = grid_of_rules(spreads)
    found = []
    for mean, deviation, skewness, kurtosis in zip(*columns, strict=True):
        ratios = mean / deviation
        best = int(np.argmax(ratios))
        moments = Moments(spreads.shape[0] - 1, mean[best], deviation[best], skewness[best], kurtosis[best])
        tally = TrialTally.of(ratios)
        deflated = deflated_sharpe(moments, n_trials=tally.count, trial_variance=tally.variance)
        found.append((deflated.probability, probabilistic_sharpe(moments)))
    return np.array(found)


def reverting(rng, markets, half_life):
    root = 0.5 ** (1.0 / half_life)
    shocks = rng.normal(size=(BARS + 1, markets))
    spreads = np.zeros_like(shocks)
    for t in range(1, BARS + 1):
        spreads[t] = root * spreads[t - 1] + shocks[t]
    return spreads


def test_deflation_calls_few_random_walks_significant():
    rng = np.random.default_rng(20)
    found = np.concatenate([verdicts(np.cumsum(rng.normal(size=(BARS + 1, 10)), axis=0)) for _ in range(20)])
    assert found.shape[0] == 200
    assert np.count_nonzero(found[:, 0] >= 0.95) <= 18
    assert np.count_nonzero(found[:, 1] >= 0.95) > 100  # what believing the best of the grid would have done


def test_a_planted_sharpe_of_two_is_found():
    rng = np.random.default_rng(21)
    spreads = reverting(rng, 20 * ROUNDS, 12.0)
    mean, deviation, *_ = grid_of_rules(spreads)
    assert (mean / deviation).mean(axis=0).max() * np.sqrt(252) == pytest.approx(2.0, abs=0.15)
    assert (verdicts(spreads)[:, 0] >= 0.95).mean() >= 0.8


def test_one_good_strategy_among_a_thousand_without_skill_is_found():
    rng = np.random.default_rng(22)
    found = []
    for _ in range(60):
        ratios = rng.normal(size=1_000) / np.sqrt(BARS)
        planted = Moments.of(rng.standard_t(5, BARS) * np.sqrt(0.6) + 2.0 / np.sqrt(252))
        tally = TrialTally.of(np.append(ratios, planted.ratio))
        deflated = deflated_sharpe(planted, n_trials=tally.count, trial_variance=tally.variance)
        found.append(deflated.probability >= 0.95)
    assert np.mean(found) >= 0.8
