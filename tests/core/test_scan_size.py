"""Where there is nothing to find, a test at 5 % finds it in about 5 % of cases, and the scan's q-values in none.

Pairs are independent (families of two). TITAN_TEST_ROUNDS scales the draws: 5 rounds of 2,000 are the 10,000 for which
docs/statistics-size-and-power.md gives figures. Bounds are those of STATISTICS, [3.5, 6.5] %, widened by three
binomial standard errors of the draws made.
"""

import os

import numpy as np
import pytest

from tests.core.conftest import log_panel, random_walks
from titan_core.analysis import scan_pairs

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "1"))
PAIRS = 2_000


@pytest.mark.parametrize("drift", [0.0, 0.001])
@pytest.mark.parametrize("n_bars", [250, 1_000])
def test_size_at_five_percent(n_bars, drift):
    rejected, hypotheses = [], []
    for round_ in range(ROUNDS):
        panel = log_panel(random_walks(1_000 + round_, n_bars, 2 * PAIRS, drift=drift))
        labels = {symbol: str(i // 2) for i, symbol in enumerate(panel.symbols)}
        scan = scan_pairs(panel, families=labels)
        assert scan.n_tests == PAIRS
        rejected.append((scan.pvalue[:, 0] < 0.05).mean())
        hypotheses.append((scan.hypothesis_pvalue < 0.05).mean())
    slack = 3.0 * np.sqrt(0.05 * 0.95 / (PAIRS * ROUNDS))
    assert 0.035 - slack <= np.mean(rejected) <= 0.065 + slack
    assert 0.030 - slack <= np.mean(hypotheses) <= 0.065 + slack  # Bonferroni over two dependent directions


def test_no_discoveries_among_random_walks_after_correction():
    # 12 universes × 435 pairs, BY at 5 %: the chance of any discovery is 5 % at most in each
    scans = [scan_pairs(log_panel(random_walks(2_000 + k, 500, 30))) for k in range(12)]
    assert sum(scan.n_discoveries > 0 for scan in scans) <= 3  # 99.8 % binomial bound
    nominal = np.mean([(scan.pvalue < 0.05).mean() for scan in scans])
    assert 0.02 <= nominal <= 0.12  # while hundreds of directions pass at 5 % nominally
    assert sum((scan.pvalue < 0.05).sum() for scan in scans) > 100
