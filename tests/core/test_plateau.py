"""What a plateau's score is: against the obvious loops, and on a lonely peak beside a broad hill."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_core.backtesting.plateau import (
    REACH,
    grid_neighbours,
    grid_plateau,
    scattered_neighbours,
    scattered_plateau,
)
from titan_core.errors import InvalidInput


def naive_grid(values):
    scores = np.full(values.shape, np.nan)
    for place in itertools.product(*(range(size) for size in values.shape)):
        found, has_all = [values[place]], not math.isnan(values[place])
        for axis, size in enumerate(values.shape):
            beside = []
            for step in (-1, 1):
                there = [at + (step if i == axis else 0) for i, at in enumerate(place)]
                if 0 <= there[axis] < size and not math.isnan(values[tuple(there)]):
                    beside.append(values[tuple(there)])
            has_all = has_all and (size == 1 or bool(beside))
            found += beside
        if has_all:
            scores[place] = sum(found) / len(found)
    return scores


def naive_scattered(points, values, reach):
    scores = []
    for at, value in zip(points, values, strict=True):
        cells = {}
        for other, found in zip(points, values, strict=True):
            offsets = [(b - a) / r for a, b, r in zip(at, other, reach, strict=True)]
            if math.isnan(found) or any(abs(offset) > 1 + 1e-9 for offset in offsets):
                continue
            cell = tuple(min(2, max(0, math.floor((offset + 1) * 1.5))) for offset in offsets)
            cells.setdefault(cell, []).append(found)
        others = len([cell for cell in cells if set(cell) != {1}])
        enough = not math.isnan(value) and others >= len(reach)
        means = [sum(found) / len(found) for found in cells.values()]
        scores.append(sum(means) / len(means) if enough else math.nan)
    return scores


numbers = st.integers(0, 2**32 - 1)


@given(numbers, st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_a_grids_scores_are_those_of_the_loop(seed, shape):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape)
    values[rng.random(shape) < 0.2] = np.nan
    np.testing.assert_allclose(grid_plateau(values), naive_grid(values), rtol=1e-12)


@given(numbers, st.integers(1, 3), st.integers(1, 40))
def test_scattered_scores_are_those_of_the_loop(seed, n_settings, n):
    rng = np.random.default_rng(seed)
    points, values = rng.random((n, n_settings)) * 0.5, rng.normal(size=n)
    values[rng.random(n) < 0.1] = np.nan
    reach = rng.uniform(0.05, 0.3, n_settings)
    np.testing.assert_allclose(
        scattered_plateau(points, values, reach), naive_scattered(points, values, reach), rtol=1e-12
    )


def test_neighbours_are_counted():
    """A corner of two settings has two, an edge three, the middle four; what never traded is none."""
    grid = np.zeros((3, 3))
    assert grid_neighbours(grid).tolist() == [[2, 3, 2], [3, 4, 3], [2, 3, 2]]
    grid[0, 1] = np.nan
    assert grid_neighbours(grid)[0, 0] == 1
    assert grid_neighbours(grid)[1, 1] == 3
    assert grid_neighbours(np.zeros((2, 1, 2)))[0, 0, 0] == 2
    points = np.array([[0.5, 0.5], [0.55, 0.45], [0.59, 0.6], [0.62, 0.5], [0.5, 0.52]])
    values = np.array([1.0, 1.0, 1.0, 1.0, np.nan])
    assert scattered_neighbours(points, values, 0, np.array([REACH, REACH])) == 2


def test_a_broad_hill_beats_a_lonely_peak():
    rng = np.random.default_rng(4)
    points = rng.random((400, 2))
    hill = np.exp(-(((points - 0.3) / 0.2) ** 2).sum(axis=1))
    peak = int(np.argmin(((points - 0.8) ** 2).sum(axis=1)))
    hill[peak] = 1.5
    scores = scattered_plateau(points, hill)
    assert int(np.argmax(hill)) == peak
    best = points[int(np.nanargmax(scores))]
    assert np.abs(best - 0.3).max() < REACH


def test_a_crowd_at_one_place_counts_once():
    """Fifty looks at one good place do not outvote the poor ones around it."""
    around = np.array([[0.5, 0.43], [0.5, 0.57], [0.43, 0.5], [0.57, 0.5]])
    points = np.concatenate([np.full((50, 2), 0.5), around])
    values = np.concatenate([np.full(50, 2.0), np.zeros(4)])
    assert scattered_plateau(points, values)[0] == pytest.approx(2.0 / 5)


def test_nothing_beside_it_no_score():
    assert np.isnan(scattered_plateau(np.array([[0.1, 0.1], [0.9, 0.9]]), np.array([1.0, 2.0]))).all()
    assert np.isnan(grid_plateau(np.array([1.0, np.nan, 3.0]))).all()
    assert grid_plateau(np.array([[7.0]])) == 7.0
    with pytest.raises(InvalidInput, match="a row a value"):
        scattered_plateau(np.zeros((3, 2)), np.zeros(2))


def test_a_grid_of_many_settings_takes_no_more_room_than_its_places():
    """Fifteen settings of two values lie within the bound of combinations; a border around them is 4^15 places."""
    values = np.random.default_rng(4).normal(size=(2,) * 12)
    tracemalloc.start()
    try:
        scores = grid_plateau(values)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.isfinite(scores).all()
    assert most < 20 * values.nbytes
