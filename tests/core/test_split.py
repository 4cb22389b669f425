"""A scan in parts is the scan: whatever the cut, in whatever order, through bytes, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.conftest import log_panel, stocks, with_gaps
from titan_core.analysis import (
    NullTally,
    OutlierRetest,
    PairScan,
    PartResults,
    ScanPart,
    SplitScan,
    add_draw,
    lowest_statistics,
    null_panel,
    retest_without_outliers,
    scan_null,
    scan_pairs,
)
from titan_core.analysis.cointegration.scan import run
from titan_core.data import PricePanel
from titan_core.errors import Cancelled, InvalidInput, StoreError

FIELDS = ("numbers", "pvalue", "hypothesis_pvalue", "qvalue", "lag", "correlation", "n_obs", "codes", "first")


def assert_same_bits(one: PairScan, other: PairScan) -> None:
    for name in FIELDS:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert one.to_arrow().equals(other.to_arrow())


@pytest.fixture(scope="module")
def ragged() -> PricePanel:
    """Prices of unequal histories with gaps, one symbol too short and one with a price below zero."""
    values = with_gaps(4, stocks(4, 320, 40))
    values[:200, 7] = np.nan
    prices = np.exp(values / 50.0)
    prices[100, 3] = -1.0
    return replace(log_panel(values), values=prices, scale="price")


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    """Blocks of eight symbols and chunks of nine pairs, so that a small panel has many of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_BLOCK", 8)
        patch.setattr(run, "_CHUNK", 9)
        yield


@settings(deadline=None, max_examples=15)
@given(
    n_parts=st.integers(1, 60),
    n_threads=st.sampled_from([1, 3]),
    by_family=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_cut_is_the_whole(ragged, n_parts, n_threads, by_family, seed):
    labels = {symbol: str(i % 3) for i, symbol in enumerate(ragged.symbols)} if by_family else None
    options = {"take_logs": True, "min_overlap": 150, "families": labels, "max_lag": 3}
    split = SplitScan(ragged, **options)
    parts = split.cut(n_parts)
    assert len(parts) <= n_parts
    assert sum(part.n_pairs for part in parts) == split.n_pairs
    order = np.random.default_rng(seed).permutation(len(parts))
    # each from a split of its own, as another process would make it
    found = [
        PartResults.from_bytes(SplitScan(ragged, **options).work(parts[i], n_threads=n_threads).to_bytes())
        for i in order
    ]
    assert_same_bits(split.gather(iter(found)), scan_pairs(ragged, n_threads=2, **options))


def test_a_part_is_the_same_bytes_however_many_threads(ragged):
    split = SplitScan(ragged, take_logs=True, min_overlap=150)
    part = split.cut(3)[1]
    assert split.work(part, n_threads=1).to_bytes() == split.work(part, n_threads=4).to_bytes()


def test_parts_are_about_as_much_work(ragged):
    full = replace(ragged, values=np.where(np.isnan(ragged.values), 1.0, np.abs(ragged.values)))
    sizes = [part.n_pairs for part in SplitScan(full, take_logs=True).cut(4)]
    assert len(sizes) == 4
    assert max(sizes) < 2 * min(sizes)


def test_every_pair_must_be_there_once(ragged):
    split = SplitScan(ragged, take_logs=True, min_overlap=150)
    found = [split.work(part, n_threads=1) for part in split.cut(3)]
    with pytest.raises(InvalidInput, match="in no part"):
        split.gather(found[:2])
    with pytest.raises(InvalidInput, match="two parts"):
        split.gather([*found, found[0]])


def test_progress_and_stopping_of_a_part(ragged):
    split = SplitScan(ragged, take_logs=True, min_overlap=150)
    part, seen = split.cut(2)[0], []
    split.work(part, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (part.n_pairs, part.n_pairs)
    with pytest.raises(Cancelled):
        split.work(part, should_stop=lambda: True)


def test_bytes_of_something_else_are_refused():
    for content in (b"", b"half a file", PartResults.__doc__.encode()):
        with pytest.raises(StoreError):
            PartResults.from_bytes(content)


def test_draws_of_the_null_in_parts_are_the_draws(ragged):
    panel = log_panel(stocks(8, 300, 20))
    options = {"min_overlap": 100, "max_lag": 2}
    observed = lowest_statistics(scan_pairs(panel, **options))
    whole = scan_null(panel, observed, draws=3, seed=5, n_kept=30, block_length=9.0, **options)
    tally = NullTally()
    for draw in range(3):
        split = SplitScan(null_panel(panel, seed=5, draw=draw, block_length=9.0), **options)
        found = [split.work(ScanPart(p.first, p.last, p.n_pairs)) for p in split.cut(4)]
        parts = [PartResults.from_bytes(part.to_bytes(of_a_draw=True)) for part in found]
        assert len(found[0].to_bytes(of_a_draw=True)) < len(found[0].to_bytes()) / 2
        tally = add_draw(tally, split.gather(parts), observed, n_kept=30)
    assert tally.as_dict() == whole.as_dict()
    with pytest.raises(InvalidInput, match="observed holds"):
        add_draw(tally, split.gather(parts), observed[:-1])


def test_retests_in_parts_are_the_retests():
    panel = log_panel(with_gaps(3, stocks(3, 300, 12)))
    rows = scan_pairs(panel, min_overlap=100).better_directions().slice(0, 50)
    pairs = list(zip(rows["symbol_1"].to_pylist(), rows["symbol_2"].to_pylist(), strict=True))
    lags = np.asarray(rows["lag"])
    whole = retest_without_outliers(panel, pairs, lags)
    parts = [
        retest_without_outliers(panel, pairs[at : at + 7], lags[at : at + 7])
        for at in range(0, len(pairs), 7)
    ]
    together = OutlierRetest.together(parts)
    for name in ("statistic", "hypothesis_pvalue", "bars"):
        assert getattr(together, name).tobytes() == getattr(whole, name).tobytes()
