"""Unit roots of many series as statsmodels has them, and the survival of scans whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.stattools import adfuller

from tests.core.conftest import days
from titan_core.analysis import scan_pairs
from titan_core.analysis.unit_roots import unit_root_power, unit_root_tests
from titan_core.backtesting.survival import (
    FormationPair,
    Outcome,
    formation_pairs,
    matched_pairs,
    report,
    survival,
)
from titan_core.data import PricePanel
from titan_core.errors import InvalidInput, TooFewBars


@given(st.integers(0, 2**32 - 1), st.integers(30, 260), st.floats(0.3, 1.0), st.sampled_from((None, 0, 3)))
def test_unit_root_tests_equal_statsmodels(seed, n, root, max_lag):
    rng = np.random.default_rng(seed)
    series = 100.0 + np.zeros((4, n))
    for t in range(1, n):
        series[:, t] = 100.0 + root * (series[:, t - 1] - 100.0) + rng.normal(size=4)
    found = unit_root_tests(series, max_lag=max_lag)
    for row in range(4):
        theirs = adfuller(series[row], maxlag=max_lag, regression="c", autolag="AIC", result_object=False)
        assert found.lag[row] == theirs[2]
        assert found.statistic[row] == pytest.approx(theirs[0], rel=1e-7, abs=1e-8)
        assert found.pvalue[row] == pytest.approx(theirs[1], abs=1e-7)


def test_power_is_that_of_statsmodels_on_the_same_process():
    found = unit_root_power([20.0, np.inf, np.nan], 252, generator=np.random.default_rng(1), n_draws=1_000)
    rng, root = np.random.default_rng(11), 0.5 ** (1.0 / 20.0)
    spreads = rng.normal(size=(252, 200))
    spreads[0] /= np.sqrt(1.0 - root**2)
    for t in range(1, 252):
        spreads[t] += root * spreads[t - 1]
    p = [adfuller(s, regression="c", autolag="AIC", result_object=False)[1] for s in spreads.T]
    assert found[0] == pytest.approx(np.mean(np.array(p) <= 0.05), abs=0.1)
    assert found[0] == pytest.approx(0.27, abs=0.05)
    assert found[1] == 0.05
    assert np.isnan(found[2])
    lives = unit_root_power([2.0, 10.0, 60.0], 252, generator=np.random.default_rng(2), n_draws=300)
    assert lives[0] > 0.95
    assert (np.diff(lives) < 0.0).all()


def test_series_that_can_not_be_tested():
    flat = np.vstack([np.full(50, 0.1), np.random.default_rng(0).normal(size=50)])
    found = unit_root_tests(flat)
    assert np.isnan(found.statistic[0])
    assert np.isfinite(found.statistic[1])
    with pytest.raises(TooFewBars):
        unit_root_tests(np.zeros((1, 8)))
    with pytest.raises(TooFewBars, match="too few"):
        unit_root_tests(np.zeros((1, 20)), max_lag=10)
    with pytest.raises(InvalidInput):
        unit_root_tests(np.full((1, 40), np.nan))


def market(seed, *, n_pairs=8, n_bars=1_400, half_life=12.0, broken_at=None):
    """Legs 2k and 2k+1 are cointegrated (up to ``broken_at``); all share a market, so strangers correlate too."""
    rng = np.random.default_rng(seed)
    factor = np.cumsum(0.01 * rng.normal(size=(n_bars, 1)), axis=0)
    own = np.cumsum(0.01 * rng.normal(size=(n_bars, n_pairs)), axis=0)
    spread = np.zeros((n_bars, n_pairs))
    root = 0.5 ** (1.0 / half_life)
    for t in range(1, n_bars):
        r = root if broken_at is None or t < broken_at else 1.0
        spread[t] = r * spread[t - 1] + 0.006 * rng.normal(size=n_pairs)
    logs = np.empty((n_bars, 2 * n_pairs))
    logs[:, 0::2], logs[:, 1::2] = factor + own, factor + own + spread
    symbols = tuple(f"S{i:02d}" for i in range(2 * n_pairs))
    return PricePanel(symbols, days(n_bars), np.exp(4.0 + logs))


def split(panel, at=1_000):
    return (
        PricePanel(panel.symbols, panel.timestamps[part], panel.values[part])
        for part in (slice(None, at), slice(at, None))
    )


def planted(scan):
    return np.flatnonzero((scan.first % 2 == 0) & (scan.second == scan.first + 1))


def run(panel, **options):
    formation, later = split(panel)
    scan = scan_pairs(formation, take_logs=True)
    rows = planted(scan)
    sectors = dict.fromkeys(panel.symbols, "one")
    options = {"generator": np.random.default_rng(3), "caliper": 1.0, "n_power_draws": 300, **options}
    return survival(scan, formation, later, rows, sectors=sectors, **options), scan, rows


def test_pairs_that_hold_survive_at_their_power_and_strangers_do_not():
    found, _, rows = run(market(1), n_matches=4)
    assert found.chosen.n_pairs == rows.size == 8
    assert found.matched.n_pairs == 32
    assert found.chosen.survived[0] >= 0.6
    assert found.chosen.expected > 0.7
    assert found.matched.survived[0] <= 0.25
    assert found.difference[1] > 0.0  # the interval excludes none
    assert found.chosen.slope[0] < 0.97
    assert found.chosen.survived[1] <= found.chosen.survived[0] <= found.chosen.survived[2]


def test_pairs_that_broke_survive_no_more_than_strangers():
    found, _, _ = run(market(2, broken_at=1_000), n_matches=4)
    assert found.chosen.expected > 0.7
    assert found.chosen.survived[0] < found.chosen.expected - 0.3
    assert found.difference[1] <= 0.0


def test_what_was_formed_is_kept():
    panel = market(3)
    formation, later = split(panel)
    scan = scan_pairs(formation, take_logs=True)
    rows = planted(scan)
    logs = np.log(formation.values)
    for pair, row in zip(formation_pairs(scan, formation, rows), rows, strict=True):
        y, x = (logs[:, panel.symbols.index(s)] for s in (pair.symbol_1, pair.symbol_2))
        slope, mean = np.polyfit(x, y, 1)
        assert pair.hedge_ratio == pytest.approx(slope, rel=1e-7)
        assert pair.mean == pytest.approx(mean, rel=1e-6)
        assert pair.deviation == pytest.approx((y - slope * x).std(ddof=1), rel=1e-6)
        assert pair.row == row
    # later prices do not reach into it
    found, _, _ = run(panel)
    spread = np.log(later.values[:, 1]) - np.log(later.values[:, 0])
    assert np.isfinite(spread).all()
    assert {p.symbol_1 for p in found.chosen_outcome.pairs} <= set(panel.symbols)


def test_a_delisted_pair_has_not_survived():
    panel = market(4)
    values = panel.values.copy()
    values[1_250:, 1] = np.nan
    values[1_010:, 4] = np.nan
    values[1_100:1_110, 7] = np.nan  # a gap is no end
    values[1_000:1_350, 9] = np.nan  # there at the end, but for too few bars
    found, _, rows = run(PricePanel(panel.symbols, panel.timestamps, values))
    assert found.chosen.n_delisted == 3
    gone = {(0, 1), (4, 5), (8, 9)}
    for pair, survived, delisted in zip(
        found.chosen_outcome.pairs, found.chosen_outcome.survived, found.chosen_outcome.delisted, strict=True
    ):
        legs = tuple(sorted((int(pair.symbol_1[1:]), int(pair.symbol_2[1:]))))
        assert delisted == (legs in gone)
        assert not (survived and delisted)
    assert found.chosen.survived[0] == pytest.approx(found.chosen_outcome.survived.sum() / rows.size)


def test_matches_are_like_their_pairs_and_never_chosen():
    panel = market(5)
    formation, _ = split(panel)
    scan = scan_pairs(formation, take_logs=True)
    sectors = {s: "even" if i % 4 < 2 else "odd" for i, s in enumerate(panel.symbols)}
    rows = planted(scan)
    matches, owners = matched_pairs(
        scan, rows, sectors=sectors, generator=np.random.default_rng(6), n_matches=3, caliper=0.6
    )
    assert len(set(matches.tolist())) == matches.size > 0
    assert not set(matches.tolist()) & set(rows.tolist())
    for match, owner in zip(matches, owners, strict=True):
        kinds = [
            sorted(sectors[scan.symbols[i]] for i in (scan.first[r], scan.second[r]))
            for r in (match, rows[owner])
        ]
        assert kinds[0] == kinds[1]
        assert abs(scan.correlation[match] - scan.correlation[rows[owner]]) <= 0.6
    none, _ = matched_pairs(scan, rows, sectors=sectors, generator=np.random.default_rng(6), caliper=1e-12)
    assert none.size == 0
    with pytest.raises(InvalidInput, match="no sector"):
        matched_pairs(scan, rows, sectors={}, generator=np.random.default_rng(6))


def test_the_plain_rules_sharpe_is_compared_too_and_the_same_seed_gives_the_same():
    def ratio(pair):
        return 1.0 if int(pair.symbol_1[1:]) // 2 == int(pair.symbol_2[1:]) // 2 else 0.0

    found, _, _ = run(market(7), net_sharpe=ratio)
    assert found.net_sharpe_difference == (1.0, 1.0, 1.0)
    again, _, _ = run(market(7), net_sharpe=ratio)
    assert again.difference == found.difference
    without, _, _ = run(market(7))
    assert np.isnan(without.chosen.net_sharpe[0])


def test_intervals_resample_symbols_a_pair_counts_by_both_its_legs():
    pairs = tuple(
        FormationPair(k, a, b, 1.0, 0.0, 1.0, 9.0, 0.5) for k, (a, b) in enumerate(["AB", "AC", "CD"])
    )
    nan = np.full(3, np.nan)
    outcome = Outcome(
        pairs, np.array([True, False, True]), nan, nan, np.full(3, 0.4), np.zeros(3, dtype=bool), nan
    )
    counts = {"A": [1.0, 2.0, 0.0], "B": [1.0, 1.0, 3.0], "C": [1.0, 0.0, 1.0], "D": [1.0, 1.0, 0.0]}
    counts = {symbol: np.array(values) for symbol, values in counts.items()}
    shares = report._Shares.of(outcome, counts, 0.05)
    # as sampled 2 of 3; then A twice: only AB, twice; then neither A nor D: no pair is left
    np.testing.assert_allclose(shares.survived, [2.0 / 3.0, 1.0, np.nan])
    assert shares.group.survived == (2.0 / 3.0, 1.0, 1.0)
    counts["C"][1] = 1.0
    np.testing.assert_allclose(report._Shares.of(outcome, counts, 0.05).survived[1], (2.0 + 1.0) / 5.0)


def test_what_makes_no_sense_is_refused():
    panel = market(8)
    formation, later = split(panel)
    scan = scan_pairs(formation, take_logs=True)
    options = {"sectors": dict.fromkeys(panel.symbols, "one"), "generator": np.random.default_rng(0)}
    with pytest.raises(InvalidInput, match="come after"):
        survival(scan, formation, formation, [0], **options)
    with pytest.raises(InvalidInput, match="at least one"):
        survival(scan, formation, later, [], **options)
    with pytest.raises(InvalidInput, match="other symbols"):
        survival(scan, formation, later.select(panel.symbols[::-1]), [0], **options)
    with pytest.raises(InvalidInput, match="trend"):
        formation_pairs(scan_pairs(formation, take_logs=True, trend="n"), formation, [0])
