"""What a scan knew of its pairs when it ended, and random pairs like them to compare with."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from titan_core.analysis.cointegration import PairScan, positive_logs
from titan_core.analysis.cointegration.scan.kernels import HALF_LIFE, HEDGE_RATIO, INTERCEPT, STATISTIC
from titan_core.checks import as_count, as_number
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput
from titan_core.types import Int1D

__all__ = ["FormationPair", "formation_pairs", "matched_pairs"]


@dataclass(frozen=True, slots=True)
class FormationPair:
    """A pair as its formation window left it; log(symbol_1) - hedge_ratio·log(symbol_2) had this mean and deviation.

    Attributes
    ----------
    row : int
        Of the scan.
    symbol_1, symbol_2 : str
        Dependent first: the direction with the lower statistic.
    hedge_ratio : float
    mean, deviation : float
        Of the spread over the formation window; deviation with n - 1.
    half_life : float
        Bars; inf where it did not revert.
    correlation : float
        Of log returns.
    """

    row: int
    symbol_1: str
    symbol_2: str
    hedge_ratio: float
    mean: float
    deviation: float
    half_life: float
    correlation: float


def formation_pairs(
    scan: PairScan, panel: PricePanel, rows: Sequence[int] | Int1D
) -> tuple[FormationPair, ...]:
    """Pairs of a scan with what must be kept of them.

    Parameters
    ----------
    scan : of ``panel``, with a constant (trend "c").
    panel : the formation window, prices or logs.
    rows : of the scan; each must have been tested.

    Raises
    ------
    InvalidInput
        A row that was not tested, another trend, or a panel with other symbols.
    """
    if scan.trend != "c" or scan.symbols != panel.symbols:
        raise InvalidInput(
            f"survival takes a scan with trend 'c' (this one has {scan.trend!r}) and the panel it was made from"
        )
    values = positive_logs(panel).values
    found = []
    for row in rows:
        if not scan.tested[row]:
            raise InvalidInput(f"row {row} of the scan was not tested: it has no hedge ratio to keep")
        numbers = scan.numbers[row]
        direction = int(numbers[1, STATISTIC] < numbers[0, STATISTIC])
        legs = [int(scan.first[row]), int(scan.second[row])]
        dependent, other = legs[direction], legs[1 - direction]
        hedge_ratio = float(numbers[direction, HEDGE_RATIO])
        spread = values[:, dependent] - hedge_ratio * values[:, other]
        found.append(
            FormationPair(
                int(row),
                scan.symbols[dependent],
                scan.symbols[other],
                hedge_ratio,
                float(numbers[direction, INTERCEPT]),
                float(np.nanstd(spread, ddof=1)),
                float(numbers[direction, HALF_LIFE]),
                float(scan.correlation[row]),
            )
        )
    return tuple(found)


def matched_pairs(
    scan: PairScan,
    rows: Sequence[int] | Int1D,
    *,
    sectors: Mapping[str, str],
    generator: np.random.Generator,
    n_matches: int = 1,
    caliper: float = 0.05,
) -> tuple[Int1D, Int1D]:
    """Random tested pairs, not chosen themselves, of the same two sectors and about the same return correlation.

    Parameters
    ----------
    scan : all pairs formed.
    rows : those chosen.
    sectors : symbol -> label, for every symbol.
    generator : source of randomness.
    n_matches : for each chosen pair; no pair is taken twice.
    caliper : largest difference of correlation; where none is as near, the chosen pair has no match.

    Returns
    -------
    (matches, of) : rows of the scan, and for which position in ``rows`` each was taken.

    Raises
    ------
    InvalidInput
        A symbol without a sector.
    """
    missing = [symbol for symbol in scan.symbols if symbol not in sectors]
    if missing:
        raise InvalidInput(f"{missing[0]} (and {len(missing) - 1} more) has no sector: give every symbol one")
    wanted, width = as_count(n_matches, "n_matches", minimum=1), as_number(caliper, "caliper")
    chosen = np.asarray(rows, dtype=np.int64)
    labels = {label: i for i, label in enumerate(sorted(set(sectors.values())))}
    of_symbol = np.array([labels[sectors[symbol]] for symbol in scan.symbols])
    one, other = of_symbol[scan.first], of_symbol[scan.second]
    kind = np.minimum(one, other) * len(labels) + np.maximum(one, other)
    free = scan.tested & np.isfinite(scan.correlation)
    free[chosen] = False
    matches, owners = [], []
    for position in generator.permutation(chosen.size):
        row = int(chosen[position])
        if math.isnan(scan.correlation[row]):
            continue
        near = np.abs(scan.correlation - scan.correlation[row]) <= width
        pool = np.flatnonzero(free & (kind == kind[row]) & near)
        for taken in generator.permutation(pool)[:wanted]:
            free[taken] = False
            matches.append(int(taken))
            owners.append(int(position))
    return np.array(matches, dtype=np.int64), np.array(owners, dtype=np.int64)
