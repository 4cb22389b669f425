"""The Engle–Granger test of one pair, and its options in the form kernels take."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from titan_core.analysis.cointegration import kernels, mackinnon
from titan_core.analysis.cointegration.lanes.kernels import CRITERION, FIXED, T_STATISTIC
from titan_core.analysis.cointegration.scan.kernels import Settings, lag_limit, penalty_of
from titan_core.checks import as_choice, as_count, as_pair
from titan_core.errors import CollinearSeries, DegenerateSeries, TooFewBars
from titan_core.types import Autolag, Float1D, Trend

__all__ = ["AUTOLAGS", "TRENDS", "CointegrationTest", "as_settings", "engle_granger"]

TRENDS: tuple[Trend, ...] = ("n", "c", "ct", "ctt")
AUTOLAGS: tuple[Autolag, ...] = ("aic", "bic", "t-stat", None)

_RULES: dict[Autolag, int] = {
    "aic": CRITERION,
    "bic": CRITERION,
    "t-stat": T_STATISTIC,
    None: FIXED,
}


@dataclass(frozen=True, slots=True)
class CointegrationTest:
    """Outcome of one Engle–Granger test of y on x.

    Attributes
    ----------
    statistic : float
        Dickey–Fuller t of the residual; far below zero speaks for cointegration.
    pvalue : float
        MacKinnon's (1994), asymptotic, for two series and this trend.
    critical_values : dict of str to float
        "1%", "5%", "10%" for n_obs - 1 observations (MacKinnon 2010); NaN where trend is "n".
    lag : int
        Lagged differences in the chosen regression.
    hedge_ratio : float
        Coefficient of x.
    intercept : float
        Constant of the cointegrating regression; 0 where trend is "n". With a trend it belongs to bar 0, the bars
        counting from 1.
    n_obs : int
        Bars of the pair.
    trend : str
        Deterministic terms of the cointegrating regression.
    trend_coefficients : ndarray of shape (3,)
        Coefficients of 1, t, t² for t = 1 … n_obs; 0 where the trend has no such term.
    residual : ndarray of shape (n_obs,)
        y minus everything fitted.
    """

    statistic: float
    pvalue: float
    critical_values: dict[str, float]
    lag: int
    hedge_ratio: float
    intercept: float
    n_obs: int
    trend: Trend
    trend_coefficients: Float1D = field(repr=False)
    residual: Float1D = field(repr=False)


def engle_granger(
    y: ArrayLike, x: ArrayLike, *, trend: Trend = "c", max_lag: int | None = None, autolag: Autolag = "aic"
) -> CointegrationTest:
    """Engle–Granger test of no cointegration between y and x: equal to statsmodels' ``coint``.

    y is regressed on x and the trend; an augmented Dickey–Fuller regression without constant is run on the residual.
    Both by QR, so that also near-collinear pairs keep their digits.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), oldest first, finite: the dependent leg, and the other.
    trend : "n" none, "c" constant, "ct" and trend, "ctt" and squared trend.
    max_lag : largest lag order; None for Schwert's ``ceil(12·(n/100)^¼)``, at most ``n // 2 - 1``.
    autolag : how the order is chosen up to max_lag: "aic", "bic", "t-stat" (from the top, first with |t| ≥ 1.645),
        or None for max_lag itself.

    Raises
    ------
    InvalidInput
        Not numbers, not finite, of different lengths, or an unknown option.
    TooFewBars
        The lag order leaves no degree of freedom: ``2·max_lag + 3`` bars are needed.
    DegenerateSeries
        A leg is constant, or nothing but the trend; or the residual repeats itself exactly.
    CollinearSeries
        1 - R² is under 1.5e-6: the legs are one series up to a linear map. (statsmodels answers -inf and p = 0.)

    References
    ----------
    Engle & Granger (1987), Econometrica 55(2), 251–276. MacKinnon (1994), JBES 12(2); (2010), QED WP 1227.
    """
    settings = as_settings(trend, max_lag, autolag)
    first, second = as_pair(y, x, min_size=2)
    n = first.size
    limit = lag_limit(n, settings)
    if limit < 0:
        wanted = max_lag if max_lag is not None else kernels.default_max_lag(n)
        needed = max(2 * wanted + 3, settings.n_terms + 4)
        raise TooFewBars(
            f"the pair has {n} bars; lags up to {wanted} need {needed}: pass a smaller max_lag or more bars"
        )
    residual, coefficients = np.empty(n), np.zeros(3)
    hedge_ratio, code = kernels.regress(first, second, settings.n_terms, residual, coefficients)
    if code == kernels.CONSTANT:
        raise DegenerateSeries("y or x does not move (or only follows the trend taken off): nothing to test")
    if code == kernels.COLLINEAR:
        raise CollinearSeries(
            "y and x are the same series up to scale and shift: no residual is left to test"
        )
    statistic, lag = kernels.dickey_fuller(residual, limit, settings.rule, penalty_of(n, limit, settings))
    if np.isnan(statistic):
        raise DegenerateSeries("the residual repeats itself exactly, so its lags can't be told apart")
    return CointegrationTest(
        statistic=float(statistic),
        pvalue=float(mackinnon.pvalue(statistic, trend)),
        critical_values=mackinnon.critical_values(trend, n - 1),
        lag=int(lag),
        hedge_ratio=float(hedge_ratio),
        intercept=float(coefficients[0]),
        n_obs=n,
        trend=trend,
        trend_coefficients=coefficients,
        residual=residual,
    )


def as_settings(
    trend: Trend, max_lag: int | None, autolag: Autolag, *, min_overlap: int = 3, log_values: bool = False
) -> Settings:
    """Checked options, as kernels take them."""
    as_choice(trend, "trend", TRENDS)
    as_choice(autolag, "autolag", AUTOLAGS)
    return Settings(
        n_terms=TRENDS.index(trend),
        max_lag=-1 if max_lag is None else as_count(max_lag, "max_lag"),
        rule=_RULES[autolag],
        bic=autolag == "bic",
        min_overlap=as_count(min_overlap, "min_overlap", minimum=3),
        log_values=log_values,
    )
