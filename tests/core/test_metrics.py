"""Metrics: plain loops, statsmodels, scipy, published figures, properties, and what has no value."""

import inspect
import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.core.naive import metrics as naive
from titan_core.backtesting import metrics
from titan_core.errors import InvalidInput, TooFewBars
from titan_core.statistics.moments import Moments, long_run_variance, newey_west_lags


@st.composite
def equity_path(draw, min_size=12, max_size=300):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(min_size, max_size))
    steps = 0.01 * rng.standard_t(4, n) + draw(st.sampled_from((0.0, 0.002, -0.002)))
    steps[rng.random(n) < draw(st.sampled_from((0.0, 0.5)))] = 0.0
    steps[:2] = 0.01, -0.02  # never all flat
    return 100_000.0 * np.concatenate(([1.0], np.cumprod(1.0 + np.clip(steps, -0.5, 0.5))))


@given(equity_path())
def test_each_metric_is_its_plain_loop(equity):
    r = metrics.simple_returns(equity)
    x = naive.returns(equity.tolist())
    np.testing.assert_allclose(r, x, rtol=1e-12, atol=1e-15)
    tail = round(0.05 * len(x), 9)
    expected = {
        metrics.volatility(r, 252): naive.deviation(x) * math.sqrt(252),
        metrics.sharpe_ratio(r, 252): naive.sharpe(x, 252),
        metrics.sortino_ratio(r, 252): naive.sortino(x, 252),
        metrics.omega_ratio(r): naive.omega(x),
        metrics.maximum_drawdown(equity): naive.maximum_drawdown(equity),
        metrics.drawdown_length(equity): naive.drawdown_length(equity.tolist()),
        metrics.value_at_risk(r): naive.value_at_risk(x, tail),
        metrics.expected_shortfall(r): naive.expected_shortfall(x, tail),
        metrics.total_return(equity): equity[-1] / equity[0] - 1.0,
        metrics.annual_return(equity, 252): (equity[-1] / equity[0]) ** (252 / len(x)) - 1.0,
    }
    for metric, value in expected.items():
        assert metric.value == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert metric.n in {len(x), equity.size}


@given(equity_path(), st.floats(1e-3, 1e3))
def test_the_size_of_the_account_changes_nothing(equity, factor):
    before, after = (metrics.summary(e, periods_per_year=252) for e in (equity, factor * equity))
    for name, metric in before.items():
        assert after[name].value == pytest.approx(metric.value, rel=1e-8, abs=1e-10, nan_ok=True), name


@given(equity_path())
def test_order_of_things(equity):
    r = metrics.simple_returns(equity)
    assert metrics.expected_shortfall(r).value >= metrics.value_at_risk(r).value - 1e-12
    depths = metrics.drawdowns(equity)
    assert ((depths >= 0.0) & (depths < 1.0)).all()
    np.testing.assert_array_equal(metrics.drawdowns(equity[:-5]), depths[:-5])  # no later bar changes them
    assert metrics.calmar_ratio(equity, 252).value == pytest.approx(
        metrics.annual_return(equity, 252).value / depths.max(), rel=1e-12
    )


def test_sharpes_error_is_that_of_lo_and_of_mertens():
    r = np.random.default_rng(1).standard_t(5, 3_000) * 0.01 + 0.001
    metric = metrics.sharpe_ratio(r, 252)
    s = r.mean() / r.std(ddof=1)
    skew, kurtosis = stats.skew(r), stats.kurtosis(r, fisher=False)
    mertens = math.sqrt((1.0 - skew * s + (kurtosis - 1.0) / 4.0 * s**2) / r.size)
    assert metric.standard_error == pytest.approx(mertens * math.sqrt(252), rel=1e-6)
    normal = stats.norm.ppf((np.arange(3_000) + 0.5) / 3_000) + 0.1  # no skew, kurtosis three
    metric = metrics.sharpe_ratio(normal, 1)
    lo = math.sqrt((1.0 + 0.5 * metric.value**2) / 3_000)
    assert metric.standard_error == pytest.approx(lo, rel=1e-3)


def test_sharpes_error_covers_what_it_should_with_and_without_dependence():
    rng = np.random.default_rng(2)
    shocks = rng.standard_t(5, (400, 1_000))
    ratios, errors, dependent = [], [], []
    for row in shocks:
        metric = metrics.sharpe_ratio(row + 0.1, 1)
        ratios.append(metric.value)
        errors.append(metric.standard_error)
        trending = row[1:] + 0.4 * row[:-1] + 0.1
        dependent.append(
            [
                metrics.sharpe_ratio(trending, 1).value,
                metrics.sharpe_ratio(trending, 1).standard_error,
                metrics.sharpe_ratio(trending, 1, lags=10).standard_error,
            ]
        )
    assert np.std(ratios) == pytest.approx(np.mean(errors), rel=0.1)
    dependent = np.array(dependent)
    assert dependent[:, 0].std() == pytest.approx(dependent[:, 2].mean(), rel=0.12)
    assert dependent[:, 0].std() > 1.15 * dependent[:, 1].mean()


@pytest.mark.parametrize(("rho", "published"), [(-0.2, 4.17), (0.0, 3.46), (0.2, 2.88)])
def test_annualisation_is_that_of_lo_for_monthly_autoregressions(rho, published):
    factor = metrics.annualisation(rho ** np.arange(1, 12), 12)
    assert factor == pytest.approx(published, abs=0.006)
    assert metrics.annualisation([], 252) == pytest.approx(math.sqrt(252))
    assert math.isnan(metrics.annualisation([-0.9], 12))


def test_adjusted_ratio_sees_that_trending_returns_are_riskier_over_a_year():
    shocks = np.random.default_rng(3).normal(size=20_001)
    trending = 0.05 + shocks[1:] + 0.5 * shocks[:-1]
    adjusted, plain = metrics.adjusted_sharpe_ratio(trending, 252), metrics.sharpe_ratio(trending, 252)
    assert adjusted.value / plain.value == pytest.approx(1.0 / math.sqrt(1.8), rel=0.04)  # 1 + 2ρ, ρ = 0.4
    # shuffled into blocks of a year, the ratio of years is what it says
    years = trending[: 20_000 // 252 * 252].reshape(-1, 252).sum(axis=1)
    assert adjusted.value == pytest.approx(years.mean() / years.std(ddof=1), rel=0.25)


def test_beta_and_its_error_equal_statsmodels():
    rng = np.random.default_rng(4)
    market = rng.normal(size=800)
    r = 0.3 * market + rng.normal(size=800) * (1.0 + 0.5 * np.abs(market))
    for lags in (0, 6):
        ours = metrics.market_beta(r, market, lags=lags)
        theirs = sm.OLS(r, sm.add_constant(market)).fit(
            cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}
        )
        assert ours.value == pytest.approx(theirs.params[1], rel=1e-10)
        assert ours.standard_error == pytest.approx(theirs.bse[1], rel=1e-9)
    assert metrics.market_beta(r, market).value == ours.value
    assert math.isnan(metrics.market_beta(r, np.full(800, 0.1)).value)


def test_trades_by_hand():
    net = [100.0, -50.0, 30.0, -30.0, 0.0]
    gross = [120.0, -40.0, 45.0, -25.0, 0.0]
    assert metrics.win_rate(net) == metrics.Metric(0.4, 5, math.sqrt(0.4 * 0.6 / 5))
    assert metrics.profit_factor(net) == metrics.Metric(130.0 / 80.0, 5)
    assert metrics.expectancy(net).value == pytest.approx(10.0)
    assert metrics.expectancy(net).standard_error == pytest.approx(np.std(net, ddof=1) / math.sqrt(5))
    assert metrics.cost_share(gross, net).value == pytest.approx(0.5)
    # 60 before impact, 10 of it: at m times the size 60 m - 10 m^1.5 is largest where m = 16
    assert metrics.capacity(net, [2.0] * 5, 1_000.0) == metrics.Metric(pytest.approx(16_000.0), 5)
    m = np.linspace(1.0, 40.0, 40_001)
    assert m[np.argmax(60.0 * m - 10.0 * m**1.5)] == pytest.approx(16.0, abs=1e-3)
    assert metrics.mean_of([4.0, np.nan, 6.0]) == metrics.Metric(5.0, 2, pytest.approx(1.0))


def test_activity_by_hand():
    equity, gross = [100.0, 110.0, 99.0, 99.0], [0.0, 55.0, 99.0, 0.0]
    assert metrics.exposure(gross) == metrics.Metric(0.5, 4)
    assert metrics.gross_leverage(gross, equity).value == pytest.approx((0.5 + 1.0) / 4)
    assert metrics.turnover(gross, equity, 252).value == pytest.approx(154.0 * 252 / 4 / 102.0)


def test_drawdowns_by_hand():
    assert metrics.drawdown_length([1.0, 2.0, 3.0]).value == 0
    assert metrics.drawdown_length([1.0, 2.0, 1.5, 2.0, 1.0, 1.0]).value == 2
    assert metrics.drawdown_length([3.0, 2.0, 2.5, 2.9]).value == 3
    assert metrics.maximum_drawdown([100.0, 80.0, 120.0, 90.0]).value == pytest.approx(0.25)


def test_where_there_is_nothing_there_is_no_value():
    assert math.isnan(metrics.win_rate([]).value)
    assert math.isnan(metrics.expectancy([]).value)
    assert math.isnan(metrics.profit_factor([]).value)
    assert metrics.profit_factor([1.0]).value == math.inf
    assert math.isnan(metrics.capacity([1.0], [0.0], 10.0).value)
    assert metrics.capacity([-3.0], [1.0], 10.0).value == 0.0
    assert math.isnan(metrics.cost_share([-1.0], [-2.0]).value)
    flat = np.full(30, 5.0)
    found = metrics.summary(
        flat, periods_per_year=252, trade_columns={"net_pnl": []}, gross=np.zeros(30), traded=np.zeros(30)
    )
    assert found["total_return"].value == found["volatility"].value == found["exposure"].value == 0.0
    for name in ("sharpe_ratio", "adjusted_sharpe_ratio", "sortino_ratio", "calmar_ratio", "omega_ratio"):
        assert math.isnan(found[name].value), name
    assert found["n_trades"].value == 0


def test_a_lost_account_still_has_its_figures():
    equity = [100.0, 60.0, -5.0]
    assert metrics.annual_return(equity, 252).value == -1.0
    assert metrics.maximum_drawdown(equity).value == pytest.approx(1.05)
    with pytest.raises(InvalidInput, match="at bar 1"):
        metrics.simple_returns([100.0, 0.0, 5.0])


def test_every_metric_is_defined_and_the_summary_gives_all_of_them():
    rng = np.random.default_rng(5)
    equity = 1e5 * np.cumprod(1.0 + 0.01 * rng.normal(size=300))
    columns = {name: rng.normal(size=20) for name in ("net_pnl", "gross_pnl", "mae", "mfe", "bars_held")}
    columns["impact"] = np.ones(20)
    gross = np.abs(rng.normal(size=300))
    found = metrics.summary(
        equity,
        periods_per_year=252,
        trade_columns=columns,
        gross=gross,
        traded=gross,
        market=rng.normal(size=299),
    )
    assert set(found) == set(metrics.DEFINITIONS)
    record = type("Table", (), columns)
    again = metrics.summary(equity, periods_per_year=252, trade_columns=record, gross=gross, traded=gross)
    assert again["capacity"] == found["capacity"]
    assert set(found["win_rate"].as_dict()) == {"value", "n", "standard_error"}


def test_open_trades_are_no_round_trips():
    equity = [100.0, 101.0, 103.0, 102.0]
    columns = {
        "net_pnl": [3.0, -1.0, 50.0],
        "bars_held": [4, 6, 90],
        "exit_reason": ["exit", "stop_z", "open"],
    }
    found = metrics.summary(equity, periods_per_year=252, trade_columns=columns)
    assert found["n_trades"].value == 2
    assert found["profit_factor"].value == 3.0
    assert found["holding_time"].value == 5.0


def test_every_function_says_what_it_is():
    for name in metrics.__all__:
        assert inspect.getdoc(getattr(metrics, name)), name


def test_moments_equal_scipy():
    x = np.random.default_rng(6).gamma(2.0, size=500)
    moments = Moments.of(x)
    assert moments.skewness == pytest.approx(stats.skew(x), rel=1e-9)
    assert moments.kurtosis == pytest.approx(stats.kurtosis(x, fisher=False), rel=1e-9)
    assert moments.ratio == pytest.approx(x.mean() / x.std(ddof=1))
    assert math.isnan(Moments.of(np.full(9, 0.1)).ratio)
    assert long_run_variance(x, 0) == pytest.approx(x.var())
    assert newey_west_lags(2_520) == 8


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InvalidInput, match="periods_per_year"):
        metrics.sharpe_ratio([0.1, 0.2], 0)
    with pytest.raises(TooFewBars):
        metrics.simple_returns([1.0])
    with pytest.raises(InvalidInput, match="missing or infinite"):
        metrics.sharpe_ratio([0.1, math.nan, 0.2], 252)
    with pytest.raises(InvalidInput, match="same bars"):
        metrics.turnover([1.0, 2.0], [1.0, 2.0, 3.0], 252)
    with pytest.raises(InvalidInput, match="negative at bar 1"):
        metrics.exposure([1.0, -2.0])
    with pytest.raises(InvalidInput, match="same trades"):
        metrics.cost_share([1.0], [1.0, 2.0])
    with pytest.raises(InvalidInput, match="capital"):
        metrics.capacity([1.0], [1.0], 0.0)
    with pytest.raises(InvalidInput, match="same bars"):
        metrics.market_beta([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0])
