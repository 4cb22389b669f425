"""The stationary bootstrap: block lengths by their law, rows alike, and the optimal length as arch has it."""

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from arch.bootstrap import optimal_block_length as archs_block_length
from scipy import stats

from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.statistics import bootstrap, optimal_block_length, stationary_indices


def block_lengths(rows, n):
    """Lengths of the runs in which each row follows the one before, the last row being followed by the first."""
    breaks = np.flatnonzero((rows[:-1] + 1) % n != rows[1:]) + 1
    return np.diff(breaks)  # the first and the last run are cut off by the ends


@pytest.mark.parametrize("length", [1.0, 3.0, 12.5, 60.0])
def test_block_lengths_are_geometric(length):
    n = 40_000
    found = block_lengths(stationary_indices(n, length, np.random.default_rng(1)), n)
    if length == 1.0:
        assert (found == 1).mean() > 0.999  # rows one by one: two in a row by chance only
        return
    edges = np.unique(stats.geom.ppf(np.linspace(0.0, 1.0, 9)[1:-1], 1.0 / length))
    counts = np.histogram(found, np.concatenate(([0.5], edges + 0.5, [np.inf])))[0]
    shares = np.diff(np.concatenate(([0.0], stats.geom.cdf(edges, 1.0 / length), [1.0])))
    assert stats.chisquare(counts, shares * counts.sum()).pvalue > 1e-3
    assert found.mean() == pytest.approx(length, rel=5.0 / np.sqrt(found.size))


def test_block_lengths_are_those_of_arch():
    n, length = 2_000, 12.0
    bootstrap = StationaryBootstrap(length, np.arange(n), seed=np.random.default_rng(2))
    theirs = np.concatenate([block_lengths(data[0][0], n) for data in bootstrap.bootstrap(40)])
    generator = np.random.default_rng(3)
    ours = np.concatenate([block_lengths(stationary_indices(n, length, generator), n) for _ in range(40)])
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.06)
    assert stats.ks_2samp(ours, theirs).pvalue > 1e-3


def test_every_row_is_as_likely_as_any_other():
    n = 50
    rows = np.concatenate([stationary_indices(n, 7.0, np.random.default_rng(k)) for k in range(2_000)])
    counts = np.bincount(rows, minlength=n)
    assert counts.min() > 0.85 * rows.size / n
    assert counts.max() < 1.15 * rows.size / n
    assert rows.dtype == np.int64
    at_the_end = [stationary_indices(n, 7.0, np.random.default_rng(k))[-1] for k in range(3_000)]
    assert np.mean(at_the_end) == pytest.approx((n - 1) / 2, abs=1.2)  # stationary: no place favours any row


def test_the_same_state_gives_the_same_rows_and_another_gives_others():
    first, again, other = (stationary_indices(500, 9.0, np.random.default_rng(k)) for k in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert stationary_indices(1, 5.0, np.random.default_rng(0)).tolist() == [0]


def autoregression(seed, n, root):
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    for t in range(1, n):
        x[t] = root * x[t - 1] + rng.normal()
    return x


@pytest.mark.parametrize("root", [-0.4, 0.3, 0.7, 0.9])
@pytest.mark.parametrize("n", [250, 2_520])
def test_the_optimal_length_is_that_of_arch(n, root):
    # arch takes the first negligible lag for m where the paper takes the one before, so its bandwidth is two wider
    x = autoregression(int(n + 100 * root), n, root)
    theirs = float(archs_block_length(x)["stationary"].iloc[0])
    d = x - x.mean()
    covariance = np.array([d[k:] @ d[: n - k] / n for k in range(n // 3)])
    correlation = covariance / covariance[0]
    limit = 2.0 * np.sqrt(np.log10(n) / n)
    furthest = int(np.ceil(np.sqrt(n))) + 5
    m = next(k for k in range(n) if (np.abs(correlation[k + 1 : k + 6]) < limit).all())
    assert theirs == pytest.approx(
        bootstrap._flat_top_length(covariance, min(2 * (m + 1), furthest), n), rel=1e-9
    )
    ours = bootstrap._flat_top_length(covariance, min(2 * max(m, 1), furthest), n)
    assert optimal_block_length(x) == pytest.approx(ours, rel=1e-12)


def test_the_optimal_length_of_a_known_process():
    # AR(1): G / g(0) = 2φ / (1 - φ²)
    n, root = 5_000, 0.5
    known = np.cbrt((2.0 * root / (1.0 - root**2)) ** 2 * n)
    lengths = [optimal_block_length(autoregression(k, n, root)) for k in range(60)]
    assert np.median(lengths) == pytest.approx(known, rel=0.15)


def test_the_optimal_length_grows_with_memory():
    rng = np.random.default_rng(7)
    noise = rng.normal(size=3_000)
    slow = np.zeros(3_000)
    for t in range(1, 3_000):
        slow[t] = 0.9 * slow[t - 1] + noise[t]
    assert optimal_block_length(noise) < 10.0 < 20.0 < optimal_block_length(slow)


def test_what_makes_no_sense_is_refused():
    generator = np.random.default_rng(0)
    with pytest.raises(InvalidInput, match="n_rows must be at least 1"):
        stationary_indices(0, 5.0, generator)
    with pytest.raises(InvalidInput, match="block_length must be at least 1"):
        stationary_indices(10, 0.5, generator)
    with pytest.raises(DegenerateSeries, match="constant"):
        optimal_block_length(np.full(100, 0.1))
