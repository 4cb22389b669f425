"""The same orders through vectorbt's market give the same equity, where both define the model.

vectorbt's answers (1.2.0) are kept in golden/vectorbt.csv, written by benchmarks/vectorbt_peer.py; the benchmark
compares with vectorbt itself wherever that is installed.
"""

import csv

import numpy as np
import pytest

from benchmarks.vectorbt_peer import CAPITAL, GOLDEN, MODELS, PAIR, RULE
from tests.core.conftest import days
from titan_core.backtesting import backtest_pair
from titan_core.data import PricePanel


@pytest.fixture(scope="module")
def golden():
    with GOLDEN.open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@pytest.mark.parametrize("name", MODELS)
def test_equity_equals_vectorbts(golden, name):
    prices = np.column_stack([golden["close_a"], golden["close_b"]])
    result = backtest_pair(
        PricePanel(("A", "B"), days(len(prices)), prices), PAIR, rule=RULE, costs=MODELS[name], capital=CAPITAL,
        compounds=False,
    )  # fmt: skip
    ordered = np.column_stack([golden["size_a"], golden["size_b"]])
    filled = ~np.isnan(ordered[:, 0])
    np.testing.assert_array_equal(np.flatnonzero(filled), result.fills.bar)
    np.testing.assert_allclose(result.positions[filled], ordered[filled], rtol=1e-12)
    np.testing.assert_allclose(result.equity, golden[f"equity_{name}"], rtol=1e-9)
    assert filled.sum() > 20
