"""How good the neighbourhood of a setting is: a peak that falls off at the next step is often luck."""

import numpy as np
import numpy.typing as npt

from titan_core.checks import as_series
from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float1D, Float2D

__all__ = ["REACH", "grid_neighbours", "grid_plateau", "scattered_neighbours", "scattered_plateau"]

REACH = 0.1  # of a setting's range, to either side
_CELLS = 3  # parts the neighbourhood of a point is cut into, along each setting


def grid_plateau(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Mean of each place of a grid and of its neighbours one step away along every axis.

    Parameters
    ----------
    values : ndarray of one axis a setting, values in ascending order; NaN = contradicts itself or never traded.

    Returns
    -------
    ndarray of the same shape; NaN where the place has no value, or no neighbour along an axis that has several values:
    a place with nothing beside it can't show that it stands on a plateau.
    """
    total, beside, alone = _around(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(alone, np.nan, total / (~np.isnan(values) + beside))


def grid_neighbours(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """How many neighbours the score of each place of `grid_plateau` rests on: at an edge fewer than two a setting.

    ``values`` as there; an array of the same shape.
    """
    return _around(values)[1]


def _around(
    values: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Sum of each place and its neighbours, their number, and whether it stands alone."""
    total, count = np.nan_to_num(values), np.zeros(values.shape, np.int64)
    alone = np.isnan(values)
    for axis, size in enumerate(values.shape):
        if size == 1:
            continue
        beside = np.zeros(values.shape, np.int64)
        for here, there in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
            # no border around the grid: along many settings that would be far more places than it has itself
            at, near = _along(axis, here), values[_along(axis, there)]
            total[at] += np.nan_to_num(near)
            beside[at] += ~np.isnan(near)
        count += beside
        alone |= beside == 0
    return total, count, alone


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    """A part of one axis, all of those before and after it."""
    return (*(slice(None),) * axis, part)


def scattered_plateau(points: Float2D, values: Float1D, reach: Float1D | None = None) -> Float1D:
    """Mean over the neighbourhood of each point of a search, however unevenly its points lie.

    The neighbourhood is the box of ``reach`` to either side. It is cut into three along each setting; the score is the
    mean over the cells with a point in them of each cell's mean. A search puts most points where it found the most:
    without the cells their own crowd would make the average.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_settings), each setting as a fraction of its range.
    values : array of shape (n_points,); NaN = never traded, and then neither a score nor a neighbour.
    reach : array of shape (n_settings,), fractions of the ranges; default `REACH`.

    Returns
    -------
    array of shape (n_points,); NaN where fewer cells than there are settings have a point beside the point's own cell.

    Raises
    ------
    InvalidInput
        The shapes do not fit.
    """
    found = as_series(values, "values", finite=False)
    if points.ndim != 2 or points.shape[0] != found.size:
        raise InvalidInput(f"points are (n_points, n_settings), a row a value; got {points.shape}")
    n, n_settings = points.shape
    far = np.full(n_settings, REACH) if reach is None else as_series(reach, "reach")
    scores = np.full(n, np.nan)
    traded = np.flatnonzero(~np.isnan(found))
    weights = _CELLS ** np.arange(n_settings)
    own = int(weights.sum()) * (_CELLS // 2)
    for row in traded:
        near = _near(points[traded], points[row], far)
        offsets = points[traded[near]] - points[row]
        parts = np.floor((offsets / far + 1.0) * (_CELLS / 2.0)).astype(np.int64)
        cells = np.clip(parts, 0, _CELLS - 1) @ weights
        names, which = np.unique(cells, return_inverse=True)
        if np.count_nonzero(names != own) < n_settings:
            continue
        inside = found[traded[near]]
        scores[row] = np.mean(np.bincount(which, weights=inside) / np.bincount(which))
    return scores


def scattered_neighbours(points: Float2D, values: Float1D, row: int, reach: Float1D) -> int:
    """How many other points the score of one rests on; arguments as of `scattered_plateau`."""
    return int(np.count_nonzero(_near(points[~np.isnan(values)], points[row], reach))) - 1


def _near(points: Float2D, centre: Float1D, far: Float1D) -> BoolArray:
    """Which points lie in the box around another."""
    return np.asarray((np.abs(points - centre) <= far * (1.0 + 1e-9)).all(axis=1))
