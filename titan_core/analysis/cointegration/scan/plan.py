"""What a scan has to do: which pairs, in which order, and which of them share their bars."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float2D, Int1D

__all__ = ["Family", "Stage", "families_of", "pair_rows", "stages"]

# Fewest pairs on one set of bars for which preparing a block pays.
_BLOCK_PAIRS = 48


@dataclass(frozen=True, slots=True)
class Family:
    """Symbols (columns of the panel) among which every pair is formed; its pairs are rows ``offset`` onwards."""

    columns: Int1D
    offset: int

    @property
    def n_pairs(self) -> int:
        """Unordered pairs."""
        return self.columns.size * (self.columns.size - 1) // 2


@dataclass(frozen=True, slots=True)
class Stage:
    """Pairs between two sets of symbols of a family (positions in it), all on the same bars.

    Where ``first is second`` the pairs are those inside the set.
    """

    first: Int1D
    second: Int1D
    bars: Int1D
    blocked: bool

    @property
    def triangle(self) -> bool:
        """Whether the pairs are those inside one set."""
        return self.first is self.second


def families_of(symbols: tuple[str, ...], labels: Mapping[str, str] | None) -> list[Family]:
    """The universe as one family, or split by label in order of first appearance.

    Raises
    ------
    InvalidInput
        A symbol has no label.
    """
    if labels is None:
        return [Family(np.arange(len(symbols), dtype=np.int64), 0)]
    missing = [symbol for symbol in symbols if symbol not in labels]
    if missing:
        raise InvalidInput(
            f"families has no label for {', '.join(missing[:5])}{' and others' if len(missing) > 5 else ''}: "
            "give every symbol of the panel one, or leave the symbol out of the panel"
        )
    members: dict[str, list[int]] = {}
    for column, symbol in enumerate(symbols):
        members.setdefault(labels[symbol], []).append(column)
    families, offset = [], 0
    for columns in members.values():
        family = Family(np.array(columns, dtype=np.int64), offset)
        families.append(family)
        offset += family.n_pairs
    return families


def pair_rows(pairs: Int1D, n_members: int) -> Int1D:
    """Row in its family, n_members strong, of each pair of positions (2, n_pairs), the lower one first."""
    first, second = pairs
    rows: Int1D = first * (2 * n_members - first - 1) // 2 + (second - first - 1)
    return rows


def stages(values: Float2D) -> Iterator[Stage]:
    """Split a family's pairs by the bars they have in common; values (n_members, n_bars), NaN = no bar.

    Symbols with bars at the same instants form a set, and every two sets a stage. Small stages are to be gone through
    pair by pair.
    """
    present = ~np.isnan(values)
    sets = _same_bars(present)
    for i, first in enumerate(sets):
        for second in sets[i:]:
            inside = first is second
            n_pairs = first.size * (first.size - 1) // 2 if inside else first.size * second.size
            if n_pairs == 0:
                continue
            bars = np.flatnonzero(present[first[0]] & present[second[0]])
            yield Stage(first, second, bars, blocked=n_pairs >= _BLOCK_PAIRS)


def _same_bars(present: BoolArray) -> list[Int1D]:
    """Positions grouped by the pattern of bars they have, groups in order of first appearance."""
    groups: dict[bytes, list[int]] = {}
    for position, row in enumerate(np.packbits(present, axis=1)):
        groups.setdefault(row.tobytes(), []).append(position)
    return [np.array(group, dtype=np.int64) for group in groups.values()]
