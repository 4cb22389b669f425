"""One pair: numbers equal to statsmodels', words that claim no more, spreads that know no future."""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal, assert_equal
from statsmodels.tsa.stattools import coint

from tests.factories import make_universe, small_panel
from tests.web.test_cointegration_service import HAND_CHECKED, add
from titan_core.types import Trend
from trading.models import TradingPair, Universe
from trading.services.demo import DemoService
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.refusals import Refusal
from trading.services.spreads import frozen_spread, sampled, trailing_moments
from users.models import User


@pytest.fixture
def service() -> PairAnalysisService:
    return PairAnalysisService()


def test_the_hand_check_analysed_pairs_equal_statsmodels(
    calm_blas: None, prices: None, service: PairAnalysisService
) -> None:
    DemoService().load_sync()
    for first, second in HAND_CHECKED:
        found = service.analyze_sync(first, second)
        panel = MarketDataService().load_panel_sync([first, second], start=dt.date(2012, 12, 28))
        y, x = panel.log().values.T
        statistic, pvalue, critical = coint(y, x, trend="c", autolag="aic")
        back = coint(x, y, trend="c", autolag="aic")
        assert_allclose([found["statistic"], found["pvalue"]], [statistic, pvalue], rtol=1e-8)
        assert_allclose(
            [found["critical_values"][level] for level in ("1%", "5%", "10%")], critical, rtol=1e-9
        )
        assert_allclose([found["reverse"]["statistic"], found["reverse"]["pvalue"]], back[:2], rtol=1e-8)
        assert_allclose(found["hypothesis_pvalue"], min(1.0, 2 * min(pvalue, back[1])), rtol=1e-8)
        assert found["n_obs"] == 2518


@pytest.mark.parametrize("trend", ["n", "c", "ct", "ctt"])
def test_the_spread_shown_is_the_residual_of_the_regression(
    calm_blas: None, universe: Universe, service: PairAnalysisService, trend: str
) -> None:
    found = service.analyze_sync("AAA", "AAB", trend=trend)  # type: ignore[arg-type]  # parametrised
    y, x = small_panel().log().select(["AAA", "AAB"]).values.T
    clock = np.arange(y.size)
    columns = {
        "n": [x],
        "c": [x, clock**0],
        "ct": [x, clock**0, clock],
        "ctt": [x, clock**0, clock, clock**2],
    }[trend]
    design = np.column_stack(columns)
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    assert_allclose(found["series"]["spread"], residual, atol=1e-9)
    assert_allclose(found["statistic"], coint(y, x, trend=trend)[0], rtol=1e-7)


def test_series_are_of_one_length_and_flagged(universe: Universe, service: PairAnalysisService) -> None:
    found = service.analyze_sync("AAA", "AAB", end_date=dt.date(2020, 6, 30), window=20)
    series = found["series"]
    assert {len(column) for column in series.values()} == {found["n_obs"]}
    assert series["timestamps"][-1] == found["last_timestamp"] <= np.datetime64("2020-07-01")
    assert series["in_sample"].all()
    assert np.isnan(series["z_score"][:19]).all()
    assert np.isfinite(series["z_score"][19:]).all()


@pytest.mark.parametrize("trend", ["n", "c", "ct", "ctt"])
def test_what_came_after_changes_nothing_before(
    calm_blas: None, universe: Universe, service: PairAnalysisService, trend: Trend
) -> None:
    end = dt.date(2020, 6, 30)
    alone = service.analyze_sync("AAA", "AAB", end_date=end, window=20, trend=trend)
    longer = service.analyze_sync("AAA", "AAB", end_date=end, window=20, trend=trend, after=True)
    own, series = alone.pop("series"), longer.pop("series")
    assert alone.pop("last_timestamp") < longer.pop("last_timestamp") == small_panel().timestamps[-1]
    assert_equal(longer, alone)
    n_fitted = alone["n_obs"]
    assert series["in_sample"].sum() == n_fitted < series["in_sample"].size == 600
    assert not series["in_sample"][n_fitted:].any()
    for name, column in own.items():
        assert_array_equal(series[name][:n_fitted], column, err_msg=name)
    assert all(np.isfinite(series[name][n_fitted:]).all() for name in ("spread", "mean", "std", "z_score"))


def test_what_came_after_is_the_frozen_relation(
    calm_blas: None, universe: Universe, service: PairAnalysisService
) -> None:
    found = service.analyze_sync("AAA", "AAB", end_date=dt.date(2020, 6, 30), after=True)
    y, x = small_panel().log().select(["AAA", "AAB"]).values.T
    expected = y - found["hedge_ratio"] * x - found["intercept"]
    assert_allclose(found["series"]["spread"], expected, atol=1e-12)


def test_nothing_comes_after_the_last_bar(universe: Universe, service: PairAnalysisService) -> None:
    found = service.analyze_sync("AAA", "AAB", after=True)
    assert found["series"]["in_sample"].all()
    assert {len(column) for column in found["series"].values()} == {found["n_obs"]}


def test_a_later_price_without_a_log_ends_what_came_after(prices: None, service: PairAnalysisService) -> None:
    panel = small_panel()
    values = panel.values.copy()
    values[450, 0] = 0.0
    make_universe(replace(panel, values=values))
    found = service.analyze_sync("AAA", "AAB", end_date=dt.date(2020, 6, 30), after=True)
    assert found["last_timestamp"] == panel.timestamps[449]


def test_the_verdict_is_honest(universe: Universe, service: PairAnalysisService) -> None:
    related = service.analyze_sync("AAA", "AAB")
    assert related["is_cointegrated"]
    assert related["verdict"].startswith(
        "Evidence of cointegration at the 0.05 level in 600 daily bars: p < 1e-6"
    )
    assert "AAA on AAB p < 1e-6, AAB on AAA p < 1e-6" in related["verdict"]
    assert "not corrected for any other pair" in related["verdict"]
    unrelated = service.analyze_sync("BBA", "CCC", min_correlation=0.9)
    assert not unrelated["is_cointegrated"]
    assert unrelated["verdict"].startswith("No evidence of cointegration")
    assert "half-life" not in unrelated["verdict"]
    assert "below the 0.9 asked for" in unrelated["verdict"]
    assert not unrelated["passes_correlation"]


def test_significance_counts_both_directions(universe: Universe, service: PairAnalysisService) -> None:
    found = service.analyze_sync("DDD", "AAB")
    assert found["pvalue"] < 0.05 < found["hypothesis_pvalue"] < 0.10
    assert not found["is_cointegrated"]
    assert service.analyze_sync("DDD", "AAB", significance_level=0.10)["is_cointegrated"]


def refusal_of(service: PairAnalysisService, **request: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        service.analyze_sync(**request)
    return refusal.value


@pytest.mark.parametrize(
    ("request_", "field", "code", "said"),
    [
        ({"symbol_1": "AAA", "symbol_2": "AAC"}, "symbol_2", "unknown_symbol", "did you mean AA"),
        ({"symbol_1": "aaa", "symbol_2": "AAA"}, "symbol_2", "same_symbol", "AAA is given twice"),
        (
            {
                "symbol_1": "AAA",
                "symbol_2": "AAB",
                "start_date": dt.date(2020, 2, 1),
                "end_date": dt.date(2020, 1, 1),
            },
            "end_date",
            "invalid",
            "must lie after the start",
        ),
        (
            {
                "symbol_1": "AAA",
                "symbol_2": "AAB",
                "start_date": dt.date(2020, 1, 1),
                "end_date": dt.date(2020, 1, 20),
            },
            "start_date",
            "too_few_bars",
            "have 14 bars in common between 2020-01-01 and 2020-01-20",
        ),
        ({"symbol_1": "AAA", "symbol_2": "AAB", "timeframe": "2h"}, "timeframe", "invalid", "no timeframe"),
        ({"symbol_1": "AAA", "symbol_2": "CAAA"}, None, "collinear", "AAA and CAAA are the same series"),
        ({"symbol_1": "AAA", "symbol_2": "CFIX"}, None, "constant", "CFIX does not move"),
        ({"symbol_1": "CEMPTY", "symbol_2": "AAA"}, "symbols", "data_unavailable", "No 1d bars of CEMPTY"),
    ],
)
def test_what_cannot_be_analysed_is_said_in_words(
    prices: None,
    service: PairAnalysisService,
    request_: dict[str, Any],
    field: str | None,
    code: str,
    said: str,
) -> None:
    panel = small_panel()
    panel = add(panel, "CAAA", panel.values[:, 0] ** 2 * 3)
    make_universe(add(panel, "CFIX", np.full(panel.n_bars, 7.0)))
    MarketDataService().create_symbol_sync(ticker="CEMPTY")
    refusal = refusal_of(service, **request_)
    assert (refusal.field, refusal.code) == (field, code)
    assert said in str(refusal)


@pytest.fixture
def pair(universe: Universe, trader: User, service: PairAnalysisService) -> TradingPair:
    return service.register_sync(
        symbol_1="AAA",
        symbol_2="AAB",
        created_by=trader,
        start_date=dt.date(2019, 3, 1),
        end_date=dt.date(2020, 3, 31),
    )


def test_a_registered_pair_holds_its_fit(pair: TradingPair) -> None:
    window = small_panel().select(["AAA", "AAB"]).between(dt.date(2019, 3, 1), dt.date(2020, 3, 31)).log()
    y, x = window.values.T
    assert_allclose([pair.statistic, pair.cointegration_pvalue], coint(y, x)[:2], rtol=1e-7)
    assert pair.n_obs == y.size
    assert pair.qvalue is None
    assert (pair.fit_start.date(), pair.fit_end.date()) == (dt.date(2019, 3, 1), dt.date(2020, 3, 31))


def test_the_spread_keeps_its_coefficients_and_flags_its_fit(
    pair: TradingPair, service: PairAnalysisService
) -> None:
    shown = service.spread_sync(pair=pair, window=30)
    y, x = small_panel().select(["AAA", "AAB"]).log().values.T
    spread = y - pair.intercept - pair.hedge_ratio * x
    assert_allclose(shown["spread"], spread, atol=1e-12)
    stamps = small_panel().timestamps.astype("datetime64[D]")
    assert_array_equal(
        shown["in_sample"], (stamps >= np.datetime64("2019-03-01")) & (stamps <= np.datetime64("2020-03-31"))
    )
    at = 400
    part = spread[at - 29 : at + 1]
    assert_allclose(shown["mean"][at], part.mean(), rtol=1e-9)
    assert_allclose(shown["std"][at], part.std(ddof=1), rtol=1e-9)
    assert_allclose(shown["z_score"][at], (spread[at] - part.mean()) / part.std(ddof=1), rtol=1e-6)


def test_no_figure_of_the_spread_knows_the_future(pair: TradingPair, service: PairAnalysisService) -> None:
    whole = service.spread_sync(pair=pair, window=30)
    until = service.spread_sync(pair=pair, window=30, end_date=dt.date(2020, 12, 31))
    n = len(until["timestamps"])
    assert 0 < n < len(whole["timestamps"])
    for name in ("timestamps", "price_1", "price_2", "spread", "z_score", "mean", "std", "in_sample"):
        assert_array_equal(whole[name][:n], until[name], err_msg=name)


def test_a_window_that_starts_later_has_its_past_behind_it(
    pair: TradingPair, service: PairAnalysisService
) -> None:
    whole = service.spread_sync(pair=pair, window=30)
    later = service.spread_sync(pair=pair, window=30, start_date=dt.date(2020, 5, 1))
    n = len(later["timestamps"])
    assert np.isfinite(later["z_score"]).all()
    assert_array_equal(whole["z_score"][-n:], later["z_score"])
    assert later["timestamps"][0] >= np.datetime64("2020-05-01")


def test_a_trend_is_carried_on_beyond_the_fit(
    universe: Universe, trader: User, service: PairAnalysisService
) -> None:
    pair = service.register_sync(
        symbol_1="AAA", symbol_2="AAB", created_by=trader, end_date=dt.date(2020, 3, 31), trend="ct"
    )
    shown = service.spread_sync(pair=pair)
    y, x = small_panel().select(["AAA", "AAB"]).log().values.T
    clock, fit = np.arange(y.size), shown["in_sample"]
    design = np.column_stack([x, clock**0, clock])
    beta = np.linalg.lstsq(design[fit], y[fit], rcond=None)[0]
    assert not fit.all()
    assert_allclose(shown["spread"], y - design @ beta, atol=1e-9)


def test_a_pair_is_registered_once_either_way_round(
    pair: TradingPair, trader: User, service: PairAnalysisService
) -> None:
    for first, second in (("AAA", "AAB"), ("AAB", "AAA")):
        with pytest.raises(Refusal, match=f"AAA/AAB is registered already as pair {pair.pk}") as refusal:
            service.register_sync(symbol_1=first, symbol_2=second, created_by=trader)
        assert refusal.value.code == "conflict"


def test_fitting_again_changes_the_figures_and_retiring_does_not(
    pair: TradingPair, service: PairAnalysisService
) -> None:
    before = (pair.statistic, pair.n_obs)
    service.refit_sync(pair=pair, is_active=False)
    pair.refresh_from_db()
    assert (pair.statistic, pair.n_obs, pair.is_active) == (*before, False)
    service.refit_sync(pair=pair, start_date=dt.date(2019, 1, 2), is_active=True)
    pair.refresh_from_db()
    assert pair.n_obs == 600
    assert pair.is_active


def test_trailing_moments_in_blocks_are_those_of_each_window(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(1).standard_normal(200)
    mean, deviation = trailing_moments(x, 25)
    monkeypatch.setattr("trading.services.spreads._BLOCK", 60)
    for got, blocked in zip((mean, deviation), trailing_moments(x, 25), strict=True):
        assert_array_equal(got, blocked)
    assert_allclose(mean[24:], [x[i - 24 : i + 1].mean() for i in range(24, 200)])
    assert np.isnan(mean[:24]).all()
    assert np.isnan(trailing_moments(x[:10], 25)[1]).all()


def test_samples_hold_both_ends() -> None:
    assert_array_equal(sampled(3, 48), [0, 1, 2])
    many = sampled(2520, 48)
    assert (many.size, many[0], many[-1]) == (48, 0, 2519)


def test_a_constant_is_left_out_where_the_trend_has_none() -> None:
    ones = np.ones(5)
    fit = np.ones(5, dtype=np.bool_)
    assert_array_equal(
        frozen_spread(ones, ones, hedge_ratio=0.5, intercept=9.0, trend="n", fit=fit), 0.5 * ones
    )
