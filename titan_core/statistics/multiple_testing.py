"""False discovery rates: what is left of a p-value once every look is counted."""

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_choice
from titan_core.errors import InvalidInput
from titan_core.types import FDR, Float1D

__all__ = ["adjust", "benjamini_hochberg", "benjamini_yekutieli"]


def benjamini_hochberg(pvalues: ArrayLike) -> Float1D:
    """Benjamini–Hochberg q-values: min over j ≥ i of n·p₍ⱼ₎/j, capped at 1.

    Rejecting q ≤ α keeps the expected share of false discoveries at α for independent (or positively regression
    dependent) tests.

    Parameters
    ----------
    pvalues : array-like of shape (n_tests,), in [0, 1]; NaN is a test that was not made: ignored and not counted.

    Returns
    -------
    ndarray of shape (n_tests,), NaN where the p-value is.

    Raises
    ------
    InvalidInput
        Not one-dimensional, or a value outside [0, 1].

    References
    ----------
    Benjamini & Hochberg (1995), JRSS B 57(1), 289–300.
    """
    return _step_up(pvalues, dependent=False)


def benjamini_yekutieli(pvalues: ArrayLike) -> Float1D:
    """Benjamini–Yekutieli q-values: Benjamini–Hochberg's times Σ 1/j, valid under any dependence.

    Parameters
    ----------
    pvalues : array-like of shape (n_tests,), in [0, 1]; NaN is a test that was not made: ignored and not counted.

    Returns
    -------
    ndarray of shape (n_tests,), NaN where the p-value is.

    Raises
    ------
    InvalidInput
        Not one-dimensional, or a value outside [0, 1].

    References
    ----------
    Benjamini & Yekutieli (2001), Annals of Statistics 29(4), theorem 1.3.
    """
    return _step_up(pvalues, dependent=True)


def adjust(pvalues: ArrayLike, method: FDR = "by") -> Float1D:
    """q-values by name: ``"by"`` (any dependence) or ``"bh"``.

    Parameters
    ----------
    pvalues : array-like of shape (n_tests,), in [0, 1]; NaN is ignored and not counted.
    method : "by" or "bh".

    Raises
    ------
    InvalidInput
        Unknown method, or p-values that are none.
    """
    return _step_up(pvalues, dependent=as_choice(method, "method", ("by", "bh")) == "by")


def _step_up(pvalues: ArrayLike, *, dependent: bool) -> Float1D:
    try:
        p = np.asarray(pvalues, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"p-values must be numbers: {error}") from error
    if p.ndim != 1:
        raise InvalidInput(f"p-values must be of shape (n_tests,); they have shape {p.shape}")
    if ((p < 0.0) | (p > 1.0)).any():  # NaN is neither
        raise InvalidInput("p-values must lie in [0, 1]; NaN marks a test that was not made")
    n = p.size - int(np.count_nonzero(np.isnan(p)))
    # NaN sorts last. Tied p-values get one q whatever their order, so that the quickest sort will do. Millions of
    # tests pass here: room is used again.
    rank = np.arange(1, n + 1, dtype=np.float64)
    penalty = float((1.0 / rank).sum()) if dependent else 1.0
    order = np.argsort(p)[:n]
    scaled = p[order]
    scaled *= n * penalty
    scaled /= rank
    del rank
    lowest = np.minimum.accumulate(scaled[::-1], out=scaled[::-1])[::-1]
    q = np.full(p.size, np.nan)
    q[order] = np.minimum(lowest, 1.0, out=scaled)
    return q
