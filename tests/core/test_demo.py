"""The demo universe: the right file, read rightly, without importing what carries it."""

import csv
import gzip
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from titan_core.data import demo
from titan_core.errors import DataUnavailable


@pytest.fixture(scope="module")
def panel():
    return demo.load_demo()


def test_shape_and_span(panel):
    assert panel.values.shape == (8313, 20)
    assert panel.symbols == tuple(listing.ticker for listing in demo.DEMO_SYMBOLS)
    assert panel.adjustment == "total_return"
    assert panel.timestamps[0] == np.datetime64("1990-01-02T21:00")
    assert panel.timestamps[-1] == np.datetime64("2022-12-28T21:00")
    assert (panel.values > 0).all()


def test_every_value_is_the_files(panel):
    """Read again by the standard library alone."""
    root = find_spec("skfolio").submodule_search_locations[0]
    with gzip.open(Path(root, "datasets/data/sp500_dataset.csv.gz"), "rt") as file:
        rows = list(csv.DictReader(file))
    assert [row["Date"] for row in rows] == panel.timestamps.astype("M8[D]").astype(str).tolist()
    expected = [[float(row[symbol]) for symbol in panel.symbols] for row in rows]
    np.testing.assert_array_equal(panel.values, expected)


def test_listings_are_complete_and_distinct():
    assert len({listing.ticker for listing in demo.DEMO_SYMBOLS}) == 20
    assert len({listing.name for listing in demo.DEMO_SYMBOLS}) == 20
    assert all(listing.sector and listing.exchange in ("XNYS", "XNAS") for listing in demo.DEMO_SYMBOLS)


def test_half_early_closes_are_in(panel):
    thanksgiving = panel.between("2022-11-25", "2022-11-25")
    assert thanksgiving.timestamps[0] == np.datetime64("2022-11-25T18:00")


def test_the_package_is_never_imported():
    code = (
        "import sys; from titan_core.data.demo import load_demo; load_demo(); print('skfolio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda _: None)
    with pytest.raises(DataUnavailable, match="not installed: `make run` installs it"):
        demo.load_demo()


class FoundAt:
    def __init__(self, root):
        self.submodule_search_locations = [str(root)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not installed"),
        (b"Date,AAPL\n2022-12-28,1.0\n", "lack AMD, BAC"),
        (b"", "can't be read"),
    ],
)
def test_a_wrong_file_says_how_to_mend(tmp_path, monkeypatch, content, message):
    if content is not None:
        folder = tmp_path / "datasets" / "data"
        folder.mkdir(parents=True)
        (folder / "sp500_dataset.csv.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(demo, "find_spec", lambda _: FoundAt(tmp_path))
    with pytest.raises(DataUnavailable, match=rf"{message}.*pip install --no-deps skfolio"):
        demo.load_demo()
