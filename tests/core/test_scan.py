"""The scan: equal to one test at a time, to statsmodels and to plain loops; counted, threaded, stopped."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.stattools import adfuller, coint

from tests.core.conftest import days, log_panel, random_walks, stocks, with_gaps
from tests.core.naive import cointegration as naive
from titan_core.analysis import engle_granger, half_life, scan_pairs
from titan_core.analysis.cointegration.engle_granger import AUTOLAGS, TRENDS
from titan_core.analysis.cointegration.scan import plan
from titan_core.data import PricePanel
from titan_core.errors import Cancelled, InvalidInput
from titan_core.statistics import benjamini_hochberg, benjamini_yekutieli

RULES = list(itertools.product(TRENDS, AUTOLAGS))


@pytest.mark.parametrize(("trend", "autolag"), RULES)
def test_equals_statsmodels_on_55_pairs(trend, autolag):
    # 16 rules × 55 pairs, in alternating directions; every other rule has unequal histories and interior gaps
    seed = RULES.index((trend, autolag))
    values = stocks(100 + seed, 270, 11)
    if seed % 2:
        values = with_gaps(seed, values)
    scan = scan_pairs(log_panel(values), trend=trend, autolag=autolag, min_overlap=100)
    assert scan.n_tests == 55
    for row, (a, b) in enumerate(itertools.combinations(range(11), 2)):
        assert_row_equals_statsmodels(scan, row, row % 2, values, (a, b), trend, autolag)


def assert_row_equals_statsmodels(scan, row, direction, values, columns, trend, autolag):
    both = values[:, columns][~np.isnan(values[:, columns]).any(axis=1)]
    y, x = both[:, direction], both[:, 1 - direction]
    statistic, pvalue, _ = coint(y, x, trend=trend, autolag=autolag)
    residual = engle_granger(y, x, trend=trend, autolag=autolag).residual
    lag = adfuller(residual, autolag=autolag, regression="n", result_object=False)[2]
    assert scan.n_obs[row] == y.size
    assert scan.lag[row, direction] == lag
    assert abs(scan.numbers[row, direction, 0] - statistic) <= 1e-8 * max(1.0, abs(statistic))
    np.testing.assert_allclose(scan.pvalue[row, direction], pvalue, rtol=1e-6, atol=1e-12)


def test_equals_statsmodels_on_the_50_worst_conditioned_of_2000():
    rng = np.random.default_rng(77)
    n_bars, n_pairs = 260, 2_000
    x = 4.0 + np.cumsum(0.01 * rng.normal(size=(n_bars, n_pairs)), axis=0)
    noise = np.cumsum(rng.normal(size=(n_bars, n_pairs)) * rng.integers(0, 2, n_pairs), axis=0)
    noise += rng.normal(size=(n_bars, n_pairs))
    y = 1.0 + rng.uniform(0.3, 2.0, n_pairs) * x + 10.0 ** rng.uniform(-5.0, -1.0, n_pairs) * noise
    unexplained = 1.0 - np.array([np.corrcoef(y[:, k], x[:, k])[0, 1] ** 2 for k in range(n_pairs)])
    worst = [k for k in np.argsort(unexplained) if unexplained[k] > 1.6e-6][:50]
    assert unexplained[worst[-1]] < 1e-4  # all of them are beyond what products of levels are trusted with
    values = np.stack((y[:, worst], x[:, worst]), axis=2).reshape(n_bars, 100)
    panel = log_panel(values)
    labels = {symbol: str(i // 2) for i, symbol in enumerate(panel.symbols)}
    scan = scan_pairs(panel, families=labels)
    assert scan.n_tests == 50
    for row in range(50):
        assert_row_equals_statsmodels(scan, row, 0, values, (2 * row, 2 * row + 1), "c", "aic")


def test_ill_conditioned_pairs_in_a_block_are_redone_from_their_residuals():
    # twelve noisy copies of one walk: every pair's R² is within 1e-4 of one
    rng = np.random.default_rng(9)
    values = random_walks(9, 400, 1) * rng.uniform(0.5, 1.5, 12) + 3e-4 * rng.normal(size=(400, 12))
    scan = scan_pairs(log_panel(values))
    assert scan.n_tests == 66
    assert_equals_single_tests(scan, values, tolerance=1e-10)


def assert_equals_single_tests(scan, values, tolerance=1e-9, **options):
    assert scan.n_tests > 0
    for row in np.flatnonzero(scan.tested):
        columns = [scan.first[row], scan.second[row]]
        both = values[:, columns][~np.isnan(values[:, columns]).any(axis=1)]
        for direction in range(2):
            single = engle_granger(both[:, direction], both[:, 1 - direction], **options)
            numbers = (single.statistic, single.hedge_ratio, single.intercept, half_life(single.residual))
            np.testing.assert_allclose(scan.numbers[row, direction], numbers, rtol=tolerance, atol=tolerance)
            assert scan.lag[row, direction] == single.lag
            assert scan.n_obs[row] == single.n_obs


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("trend", TRENDS)
def test_equals_one_test_at_a_time(trend, gaps):
    values = stocks(21, 500, 14)
    if gaps:
        values = with_gaps(3, values)
    assert_equals_single_tests(scan_pairs(log_panel(values), trend=trend), values, trend=trend)


def test_equals_one_test_at_a_time_between_blocks():
    # every fourth symbol lists later: blocks of 96 and their remainders, inside sets and across them, either way round
    values = stocks(22, 300, 136)
    values[:30, 1::4] = np.nan
    scan = scan_pairs(log_panel(values), max_lag=4)
    assert scan.n_tests == 136 * 135 // 2
    rows = np.random.default_rng(5).choice(scan.n_tests, 300, replace=False)
    for row in rows:
        columns = [scan.first[row], scan.second[row]]
        both = values[:, columns][~np.isnan(values[:, columns]).any(axis=1)]
        single = engle_granger(both[:, 1], both[:, 0], max_lag=4)
        assert scan.lag[row, 1] == single.lag
        np.testing.assert_allclose(scan.numbers[row, 1, 0], single.statistic, rtol=1e-9)
        np.testing.assert_allclose(
            scan.correlation[row], np.corrcoef(np.diff(both.T))[0, 1], rtol=1e-9, atol=1e-12
        )


@pytest.mark.parametrize(("trend", "autolag"), [("c", "aic"), ("ct", "bic"), ("n", "t-stat"), ("ctt", None)])
def test_equals_plain_loops(trend, autolag):
    panel = log_panel(with_gaps(4, stocks(23, 260, 9)))
    labels = {symbol: "even" if i % 2 else "odd" for i, symbol in enumerate(panel.symbols)}
    options = {"families": labels, "min_overlap": 180, "trend": trend, "autolag": autolag}
    expected = naive.scan(panel, **options)
    frame = scan_pairs(panel, **options).to_pandas()
    tested = frame[frame.reason.isna()]
    assert set(zip(tested.symbol_1, tested.symbol_2, strict=True)) == set(expected)
    for row in tested.itertuples():
        theirs = expected[row.symbol_1, row.symbol_2]
        for name in ("statistic", "hedge_ratio", "intercept", "half_life", "correlation"):
            np.testing.assert_allclose(getattr(row, name), theirs[name], rtol=1e-6, atol=1e-8, err_msg=name)
        assert (row.lag, row.n_obs) == (theirs["lag"], theirs["n_obs"])


def test_every_way_through_gives_the_same(monkeypatch):
    values = with_gaps(6, stocks(24, 300, 24))
    values[:, 4:] = stocks(25, 300, 20)
    blocked = scan_pairs(log_panel(values))
    monkeypatch.setattr(plan, "_BLOCK_PAIRS", 10**9)
    single = scan_pairs(log_panel(values))
    np.testing.assert_allclose(blocked.numbers, single.numbers, rtol=1e-9, atol=1e-10)
    np.testing.assert_array_equal(blocked.lag, single.lag)
    np.testing.assert_allclose(blocked.correlation, single.correlation, atol=1e-12)


def test_bits_do_not_depend_on_the_number_of_threads():
    values = with_gaps(7, stocks(26, 320, 90))
    values[:, :40] = stocks(27, 320, 40)
    scans = [scan_pairs(log_panel(values), n_threads=n) for n in (1, 2, 5)]
    for other in scans[1:]:
        for name in ("numbers", "lag", "correlation", "pvalue", "qvalue", "codes", "n_obs"):
            assert getattr(other, name).tobytes() == getattr(scans[0], name).tobytes(), name


def test_a_pair_is_one_hypothesis_in_two_directions():
    scan = scan_pairs(log_panel(stocks(28, 300, 12)), fdr="by")
    expected = np.minimum(1.0, 2.0 * np.minimum(scan.pvalue[:, 0], scan.pvalue[:, 1]))
    np.testing.assert_array_equal(scan.hypothesis_pvalue, expected)
    np.testing.assert_array_equal(scan.qvalue, benjamini_yekutieli(expected))
    assert scan.n_tests == 66
    assert scan.n_discoveries == (scan.qvalue <= 0.05).sum()
    by_hochberg = scan_pairs(log_panel(stocks(28, 300, 12)), fdr="bh", alpha=0.2)
    np.testing.assert_array_equal(by_hochberg.qvalue, benjamini_hochberg(expected))
    assert by_hochberg.n_discoveries == (by_hochberg.qvalue <= 0.2).sum()


def test_families_pair_inside_labels_and_correct_over_all_of_them():
    values = stocks(29, 300, 8)
    panel = log_panel(values)
    labels = dict(zip(panel.symbols, "abababcb", strict=True))
    scan = scan_pairs(panel, families=labels)
    pairs = {(panel.symbols[a], panel.symbols[b]) for a, b in zip(scan.first, scan.second, strict=True)}
    inside = {(p, q) for p, q in itertools.combinations(panel.symbols, 2) if labels[p] == labels[q]}
    assert pairs == inside
    assert scan.n_tests == len(inside)
    np.testing.assert_array_equal(scan.qvalue, benjamini_yekutieli(scan.hypothesis_pvalue))
    assert_equals_single_tests(scan, values)


def test_a_symbol_without_a_family_is_named():
    panel = log_panel(stocks(29, 300, 3))
    with pytest.raises(InvalidInput, match="no label for S1"):
        scan_pairs(panel, families={"S0": "a", "S2": "a"})


def troubled_panel():
    """Two good symbols, and one for each reason a pair can't be tested."""
    good = random_walks(30, 300, 2)
    twin = 2.0 * good[:, 0] - 1.0
    flat = np.full(300, 3.3)
    late = np.where(np.arange(300) < 200, np.nan, random_walks(31, 300, 1)[:, 0])
    cycle = np.tile([0.0, 1.0, 0.0, -1.0], 75)
    quarter = np.tile([1.0, 0.0, -1.0, 0.0], 75)
    names = ("GOOD", "OTHER", "TWIN", "FLAT", "LATE", "CYCLE", "QUARTER")
    values = np.column_stack((good, twin, flat, late, cycle, quarter))
    return PricePanel(names, days(300), values, scale="log")


@pytest.mark.parametrize("block_pairs", [1, 10**9])
def test_what_cannot_be_tested_has_a_reason_and_no_numbers(block_pairs, monkeypatch):
    monkeypatch.setattr(plan, "_BLOCK_PAIRS", block_pairs)
    scan = scan_pairs(troubled_panel(), max_lag=3)
    frame = scan.to_pandas().set_index(["symbol_1", "symbol_2"])
    reason = frame.reason.astype(object)
    assert reason["GOOD", "TWIN"] == reason["TWIN", "GOOD"] == "collinear"
    assert all(reason["FLAT", other] == "constant" for other in ("GOOD", "OTHER", "TWIN", "CYCLE"))
    assert all(reason["LATE", other] == "too_little_overlap" for other in ("GOOD", "FLAT", "TWIN"))
    assert reason["CYCLE", "QUARTER"] == "singular"
    assert reason.isna()["GOOD", "OTHER"]
    assert scan.reasons() == {"collinear": 1, "constant": 5, "too_little_overlap": 6, "singular": 1}
    assert scan.n_skipped == 13
    assert scan.n_tests == 21 - 13
    untested = frame[reason.notna()]
    numbers = [
        "statistic",
        "pvalue",
        "qvalue",
        "hedge_ratio",
        "intercept",
        "half_life",
        "hypothesis_pvalue",
        "lag",
    ]
    assert untested[numbers].isna().all().all()
    assert frame.loc[("GOOD", "LATE"), "n_obs"] == 100
    assert frame.loc[("GOOD", "TWIN"), "correlation"] == pytest.approx(1.0)
    np.testing.assert_array_equal(scan.qvalue, benjamini_yekutieli(scan.hypothesis_pvalue))


def test_untestable_pairs_do_not_cost_the_others_anything():
    values = stocks(32, 300, 6)
    clean = scan_pairs(log_panel(values))
    with_flat = scan_pairs(log_panel(np.column_stack((values, np.full((300, 2), 1.0)))))
    kept = with_flat.tested
    np.testing.assert_allclose(with_flat.qvalue[kept], clean.qvalue, rtol=1e-10)


def test_no_lag_order_fits_a_short_overlap():
    scan = scan_pairs(log_panel(random_walks(33, 60, 3)), max_lag=40, min_overlap=10)
    assert scan.reasons() == {"too_little_overlap": 3}
    assert scan.n_tests == 0
    assert scan.better_directions().num_rows == 0


def test_correlation_is_of_log_returns_on_either_scale():
    values = stocks(34, 300, 4)
    logs = scan_pairs(log_panel(values))
    prices = scan_pairs(PricePanel(logs.symbols, days(300), np.exp(values)))
    np.testing.assert_allclose(prices.correlation, logs.correlation, rtol=1e-10)
    negative = scan_pairs(PricePanel(("A", "B"), days(300), values[:, :2] - values[:, :2].mean()))
    assert math.isnan(negative.correlation[0])
    assert np.isfinite(negative.numbers).all()


def test_table_has_two_rows_a_pair_with_the_dependent_symbol_first():
    panel = log_panel(stocks(35, 300, 5))
    table = scan_pairs(panel).to_arrow()
    assert table.column_names == [
        *("symbol_1", "symbol_2", "statistic", "pvalue", "qvalue", "lag", "hedge_ratio", "intercept"),
        *("correlation", "half_life", "n_obs", "reason", "hypothesis_pvalue"),
    ]
    rows = table.to_pylist()
    assert len(rows) == 20
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert (first["symbol_1"], first["symbol_2"]) == (second["symbol_2"], second["symbol_1"])
        assert first["qvalue"] == second["qvalue"]
        assert first["reason"] is None
        y, x = (panel.values[:, panel.symbols.index(first[name])] for name in ("symbol_1", "symbol_2"))
        assert first["hedge_ratio"] == pytest.approx(engle_granger(y, x).hedge_ratio)


def test_matrix_has_the_dependent_symbol_in_rows():
    values = stocks(36, 300, 5)
    scan = scan_pairs(log_panel(values))
    beta, q = scan.matrix("hedge_ratio"), scan.matrix("qvalue")
    assert beta[3, 1] == pytest.approx(engle_granger(values[:, 3], values[:, 1]).hedge_ratio)
    assert beta[1, 3] == pytest.approx(engle_granger(values[:, 1], values[:, 3]).hedge_ratio)
    np.testing.assert_array_equal(q, q.T)
    assert np.isnan(np.diag(q)).all()
    assert np.isfinite(q[~np.eye(5, dtype=bool)]).all()
    with pytest.raises(InvalidInput, match="name must be one of"):
        scan.matrix("reason")


def test_better_directions_are_one_a_pair_the_lowest_statistic_first():
    scan = scan_pairs(log_panel(stocks(37, 300, 9)))
    table = scan.better_directions().to_pandas()
    assert len(table) == scan.n_tests == 36
    assert table.statistic.is_monotonic_increasing
    np.testing.assert_array_equal(np.sort(scan.numbers[:, :, 0].min(axis=1)), table.statistic)
    some = scan.better_directions(max_pvalue=0.1).to_pandas()
    assert 0 < len(some) < 36
    assert (some.pvalue <= 0.1).all()


def test_progress_rises_to_the_whole_on_the_calling_thread():
    seen = []
    scan_pairs(log_panel(stocks(38, 260, 250)), progress=lambda *at: seen.append(at), n_threads=2)
    assert seen[-1] == (250 * 249 // 2, 250 * 249 // 2)
    assert len(seen) > 1
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_stop_request_ends_the_scan_within_a_few_blocks():
    asked = 0

    def should_stop():
        nonlocal asked
        asked += 1
        return asked > 2

    done = []
    with pytest.raises(Cancelled, match="of 44,850 pairs"):
        scan_pairs(
            log_panel(stocks(39, 260, 300)),
            should_stop=should_stop,
            progress=lambda n, _: done.append(n),
            n_threads=1,
        )
    assert max(done, default=0) < 44_850 // 2
    assert asked == 3


def test_an_error_in_a_callback_reaches_the_caller():
    def broken(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scan_pairs(log_panel(stocks(39, 260, 20)), progress=broken)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fdr": "holm"}, "fdr must be one of"),
        ({"alpha": 1.5}, "alpha must lie"),
        ({"trend": "t"}, "trend must be one of"),
        ({"min_overlap": 1}, "min_overlap must be at least 3"),
        ({"n_threads": 0}, "n_threads must be at least 1"),
    ],
)
def test_unknown_options_are_refused(options, words):
    with pytest.raises(InvalidInput, match=words):
        scan_pairs(log_panel(random_walks(40, 300, 2)), **options)


def test_a_universe_of_one_is_refused():
    with pytest.raises(InvalidInput, match="at least two symbols; the panel has 1"):
        scan_pairs(log_panel(random_walks(40, 300, 1)))


def test_the_panel_is_left_as_it_was():
    values = with_gaps(8, stocks(41, 300, 12))
    panel = log_panel(values)
    scan_pairs(panel, trend="ct")
    np.testing.assert_array_equal(panel.values, values)


@pytest.mark.parametrize(("trend", "autolag"), [("c", "aic"), ("ct", "t-stat"), ("n", "bic"), ("c", None)])
def test_the_reference_gives_the_same(trend, autolag):
    values = with_gaps(9, stocks(42, 320, 26))
    values[:, :9] = stocks(
        43, 320, 9
    )  # one set of nine, one symbol a set otherwise: nested, overlapping, apart
    panel = log_panel(values)
    labels = {symbol: "ab"[i % 13 == 0] for i, symbol in enumerate(panel.symbols)}
    options = {"trend": trend, "autolag": autolag, "families": labels, "min_overlap": 280}
    quick, plain = (scan_pairs(panel, method=method, **options) for method in ("products", "reference"))
    for name in ("first", "second", "lag", "n_obs", "codes"):
        np.testing.assert_array_equal(getattr(quick, name), getattr(plain, name), err_msg=name)
    assert 0 < quick.n_skipped < quick.n_tests
    for name in ("numbers", "pvalue", "hypothesis_pvalue", "qvalue", "correlation"):
        np.testing.assert_allclose(
            getattr(quick, name), getattr(plain, name), rtol=1e-8, atol=1e-10, err_msg=name
        )


def test_the_reference_names_the_same_reasons():
    quick, plain = (scan_pairs(troubled_panel(), max_lag=3, method=m) for m in ("products", "reference"))
    np.testing.assert_array_equal(quick.codes, plain.codes)
    np.testing.assert_array_equal(quick.n_obs, plain.n_obs)
    np.testing.assert_allclose(quick.numbers, plain.numbers, rtol=1e-9, atol=1e-10)


def test_the_reference_reports_and_stops():
    seen = []
    panel = log_panel(stocks(44, 260, 5))
    scan_pairs(panel, method="reference", progress=lambda *at: seen.append(at))
    assert seen == [(k, 10) for k in range(1, 11)]
    with pytest.raises(Cancelled, match="after 0 of 10"):
        scan_pairs(panel, method="reference", should_stop=lambda: True)
    with pytest.raises(InvalidInput, match="method must be one of"):
        scan_pairs(panel, method="slow")


def test_listing_days_that_all_differ_are_grouped_by_window():
    # each symbol lists later than the one before: its pairs with all earlier ones share its own bars
    values = stocks(45, 400, 40)
    for column in range(40):
        values[: 3 * column, column] = np.nan
    found = list(plan.stages(np.ascontiguousarray(values.T)))
    blocks = [stage for stage in found if isinstance(stage, plan.Stage)]
    assert sum(stage.n_pairs for stage in blocks) >= 40 * 39 // 2 - 16 * 16
    assert all(stage.first.size == 1 for stage in blocks)
    pairs = [plan.positions_of(stage) if isinstance(stage, plan.Stage) else stage.pairs for stage in found]
    every = np.concatenate(pairs, axis=1)
    assert {tuple(pair) for pair in every.T.tolist()} == set(itertools.combinations(range(40), 2))
    assert every.shape[1] == 40 * 39 // 2
    assert_equals_single_tests(scan_pairs(log_panel(values), max_lag=4), values, max_lag=4)


def test_the_plan_has_every_pair_once_with_the_bars_it_shares():
    values = with_gaps(47, stocks(47, 200, 30))
    values[:, 20] = np.where(np.isnan(values[:, 5]), np.nan, values[:, 20])  # two sets of two, which overlap
    values[:, 21] = np.where(np.isnan(values[:, 6]), np.nan, values[:, 21])
    present = ~np.isnan(values)
    pairs, counts = [], []
    for stage in plan.stages(np.ascontiguousarray(values.T)):
        if isinstance(stage, plan.Stage):
            pairs += plan.positions_of(stage).T.tolist()
            counts += [stage.n_bars] * stage.n_pairs
        else:
            pairs += stage.pairs.T.tolist()
            counts += stage.n_bars.tolist()
    assert sorted(map(tuple, pairs)) == list(itertools.combinations(range(30), 2))
    assert counts == [int((present[:, a] & present[:, b]).sum()) for a, b in pairs]


def test_a_price_at_or_below_zero_costs_its_own_symbol_only():
    logs = stocks(46, 300, 6)
    logs[:40, 3] = np.nan
    prices = np.exp(logs)
    prices[100, 2], prices[7, 4] = -1.0, 0.0
    panel = PricePanel(tuple("ABCDEF"), days(300), prices)
    scan = scan_pairs(panel, take_logs=True)
    good = scan_pairs(panel.select(["A", "B", "D", "F"]).log())
    assert scan.reasons() == {"not_positive": 9}
    assert (scan.n_tests, scan.n_skipped) == (6, 9)
    frame = scan.to_pandas().set_index(["symbol_1", "symbol_2"])
    np.testing.assert_allclose(scan.qvalue[scan.tested], good.qvalue, rtol=1e-10)
    assert set(frame.index[frame.reason == "not_positive"]) == {
        (a, b) for a, b in itertools.permutations("ABCDEF", 2) if {a, b} & {"C", "E"}
    }
    assert frame.loc[("A", "C"), "n_obs"] == 300
    assert frame.loc[("E", "D"), "n_obs"] == 260
    assert np.isnan(frame.loc[("A", "C"), "statistic"])
    clean = scan_pairs(panel.select(["A", "B"]), take_logs=True)
    np.testing.assert_array_equal(clean.numbers, scan_pairs(panel.select(["A", "B"]).log()).numbers)


def test_a_frame_is_refused_with_the_way_to_a_panel() -> None:
    with pytest.raises(InvalidInput, match=r"takes a PricePanel: PricePanel\.from_pandas"):
        scan_pairs(pd.DataFrame({"A": [1.0, 2.0], "B": [2.0, 1.0]}))  # type: ignore[arg-type]
