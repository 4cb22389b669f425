"""MacKinnon's p-values and critical values for Dickey–Fuller and Engle–Granger t-statistics.

p-values are the response surfaces of MacKinnon (1994): below a switching point the normal quantile of p is a quadratic
in the statistic, above it a cubic; outside the fitted range p is 0 or 1. Critical values are those of MacKinnon
(2010), a cubic in 1/n_obs; without deterministic terms they are published for one series only, so for a pair they are
NaN.

References
----------
MacKinnon (1994), "Approximate asymptotic distribution functions for unit-root and cointegration tests", JBES 12(2),
167–176: tables 3 and 4. MacKinnon (2010), "Critical values for cointegration tests", Queen's Economics Department
Working Paper 1227: table 2.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from titan_core.types import Float1D, Trend

__all__ = ["LEVELS", "critical_values", "pvalue"]

LEVELS = ("1%", "5%", "10%")

NSeries = Literal[1, 2]


@dataclass(frozen=True, slots=True)
class _Surface:
    """One response surface: p = Φ(polynomial in t), coefficients from the constant term upwards."""

    lowest: float  # below it, p = 0
    switch: float  # up to it (inclusive) the left-tail polynomial holds
    highest: float  # above it, p = 1
    left: tuple[float, float, float]
    right: tuple[float, float, float, float]


# Keyed by (trend, number of series). As printed, the tables scale the quadratic left coefficient by 100, and the right
# ones by 10, 10 and 100; here they are plain numbers.
_SURFACES: dict[tuple[Trend, NSeries], _Surface] = {
    ("n", 1): _Surface(
        -19.04, -1.04, np.inf, (0.6344, 1.2378, 0.032496), (0.4797, 0.93557, -0.06999, 0.033066)
    ),
    ("n", 2): _Surface(-19.62, -1.53, 1.51, (1.9129, 1.3857, 0.035322), (1.5578, 0.8558, -0.2083, -0.033549)),
    ("c", 1): _Surface(
        -18.83, -1.61, 2.74, (2.1659, 1.4412, 0.038269), (1.7339, 0.93202, -0.12745, -0.010368)
    ),
    ("c", 2): _Surface(-18.86, -2.62, 0.92, (2.92, 1.5012, 0.039796), (2.1945, 0.64695, -0.29198, -0.042377)),
    ("ct", 1): _Surface(
        -16.18, -2.89, 0.7, (3.2512, 1.6047, 0.049588), (2.5261, 0.61654, -0.37956, -0.060285)
    ),
    ("ct", 2): _Surface(-21.15, -3.19, 0.63, (3.6646, 1.5419, 0.036448), (2.85, 0.5272, -0.36622, -0.051695)),
    ("ctt", 1): _Surface(
        -17.17, -3.21, 0.54, (4.0003, 1.658, 0.048288), (3.0778, 0.49529, -0.41477, -0.059359)
    ),
    ("ctt", 2): _Surface(
        -21.1, -3.51, 0.79, (4.3534, 1.6016, 0.037947), (3.4713, 0.5967, -0.32507, -0.042286)
    ),
}

# Keyed alike; rows are the levels 1, 5 and 10 %, columns the coefficients of 1, 1/n, 1/n², 1/n³.
_CRITICAL: dict[tuple[Trend, NSeries], tuple[tuple[float, float, float, float], ...]] = {
    ("n", 1): (
        (-2.56574, -2.2358, -3.627, 0.0),
        (-1.94100, -0.2686, -3.365, 31.223),
        (-1.61682, 0.2656, -2.714, 25.364),
    ),
    ("c", 1): (
        (-3.43035, -6.5393, -16.786, -79.433),
        (-2.86154, -2.8903, -4.234, -40.040),
        (-2.56677, -1.5384, -2.809, 0.0),
    ),
    ("c", 2): (
        (-3.89644, -10.9519, -33.527, 0.0),
        (-3.33613, -6.1101, -6.823, 0.0),
        (-3.04445, -4.2412, -2.720, 0.0),
    ),
    ("ct", 1): (
        (-3.95877, -9.0531, -28.428, -134.155),
        (-3.41049, -4.3904, -9.036, -45.374),
        (-3.12705, -2.5856, -3.925, -22.380),
    ),
    ("ct", 2): (
        (-4.32762, -15.4387, -35.679, 0.0),
        (-3.78057, -9.5106, -12.074, 0.0),
        (-3.49631, -7.0815, -7.538, 21.892),
    ),
    ("ctt", 1): (
        (-4.37113, -11.5882, -35.819, -334.047),
        (-3.83239, -5.9057, -12.490, -118.284),
        (-3.55326, -3.6596, -5.293, -63.559),
    ),
    ("ctt", 2): (
        (-4.69276, -20.2284, -64.919, 88.884),
        (-4.15387, -13.3114, -28.402, 72.741),
        (-3.87346, -10.4637, -17.408, 66.313),
    ),
}


def pvalue(statistic: ArrayLike, trend: Trend, *, n_series: NSeries = 2) -> Float1D:
    """Asymptotic p-values of Engle–Granger (two series) or Dickey–Fuller (one) t-statistics.

    Parameters
    ----------
    statistic : array-like of any shape; NaN stays NaN.
    trend : deterministic terms of the cointegrating (or Dickey–Fuller) regression.
    n_series : 2 for a pair, 1 for a single series.

    Returns
    -------
    ndarray of the shape of ``statistic``, in [0, 1].
    """
    from scipy.special import ndtr

    surface = _SURFACES[trend, n_series]
    t = np.asarray(statistic, dtype=np.float64)
    inside = np.clip(t, surface.lowest, min(surface.highest, 1e3))  # ±inf would make NaN of the polynomials
    argument = np.where(
        inside <= surface.switch, _polynomial(surface.left, inside), _polynomial(surface.right, inside)
    )
    p = np.asarray(ndtr(argument), dtype=np.float64)
    p = np.where(t > surface.highest, 1.0, np.where(t < surface.lowest, 0.0, p))
    return np.where(np.isnan(t), np.nan, p)


def critical_values(trend: Trend, n_obs: float, *, n_series: NSeries = 2) -> dict[str, float]:
    """Critical values for a sample of ``n_obs``, keyed "1%", "5%", "10%"; NaN where none are published."""
    rows = _CRITICAL.get((trend, n_series))
    if rows is None:
        return dict.fromkeys(LEVELS, float("nan"))
    inverse = np.asarray(1.0 / n_obs)
    return {level: float(_polynomial(row, inverse)) for level, row in zip(LEVELS, rows, strict=True)}


def _polynomial(coefficients: tuple[float, ...], at: Float1D) -> Float1D:
    """Horner's rule, coefficients from the constant term upwards."""
    total = np.zeros_like(at)
    for coefficient in reversed(coefficients):
        total = total * at + coefficient
    return total
