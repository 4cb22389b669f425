"""What a scan has to do: which pairs, in which order, and which of them share their bars."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float2D, Int1D

__all__ = ["Family", "Loose", "Stage", "families_of", "pair_rows", "positions_of", "stages"]

# Fewest pairs on one set of bars for which preparing a block pays: preparing a symbol costs a fifth of a pair alone.
_BLOCK_PAIRS = 16


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
    present: BoolArray

    @property
    def triangle(self) -> bool:
        """Whether the pairs are those inside one set."""
        return self.first is self.second

    @property
    def n_bars(self) -> int:
        """Bars in common."""
        return int(np.count_nonzero(self.present))

    @property
    def n_pairs(self) -> int:
        """Unordered pairs."""
        return (
            self.first.size * (self.first.size - 1) // 2
            if self.triangle
            else self.first.size * self.second.size
        )


@dataclass(frozen=True, slots=True)
class Loose:
    """Pairs to be gone through one by one: positions (2, n_pairs), the lower one first, and their bars in common."""

    pairs: Int1D
    n_bars: Int1D


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


def positions_of(stage: Stage) -> Int1D:
    """The stage's pairs as positions (2, n_pairs), the lower one first."""
    if stage.triangle:
        pairs = stage.first[np.stack(np.triu_indices(stage.first.size, 1))]
    else:
        pairs = _between(stage.first, stage.second)
    return np.sort(pairs, axis=0)


def stages(values: Float2D) -> Iterator[Stage | Loose]:
    """Split a family's pairs by the bars they have in common; values (n_members, n_bars), NaN = no bar.

    Symbols with bars at the same instants form a set. Pairs inside a set are a stage; so are all pairs of a set with
    the symbols that have its bars and more (they listed earlier, say), for their common bars are the set's own. Other
    sets are taken two by two. Stages too small to prepare are gone through pair by pair.
    """
    present = ~np.isnan(values)
    sets = _same_bars(present)
    has = present[[members[0] for members in sets]]
    common = has.astype(np.float32) @ has.astype(np.float32).T  # counts below 2^24: exact
    n_bars, n_members = common.diagonal(), np.array([members.size for members in sets])
    for i, members in enumerate(sets):
        nested = (common[i] == n_bars[i]) & (n_bars > n_bars[i])
        apart = (common[i] < n_bars[i]) & (common[i] < n_bars) & (np.arange(len(sets)) > i)
        large = members.size * n_members >= _BLOCK_PAIRS
        wider = _joined(sets, nested)
        candidates = [Stage(members, members, has[i]), Stage(members, wider, has[i])]
        candidates += [Stage(members, sets[j], has[i] & has[j]) for j in np.flatnonzero(apart & large)]
        yield from (stage for stage in candidates if stage.n_pairs >= _BLOCK_PAIRS)
        small = [stage for stage in candidates if 0 < stage.n_pairs < _BLOCK_PAIRS]
        few = apart & ~large
        if few.any():
            counts = np.repeat(common[i, few], n_members[few])
            pairs = _between(members, _joined(sets, few))
            yield Loose(np.sort(pairs, axis=0), np.tile(counts, members.size).astype(np.int64))
        for stage in small:
            yield Loose(positions_of(stage), np.full(stage.n_pairs, stage.n_bars))


def _joined(sets: list[Int1D], chosen: BoolArray) -> Int1D:
    """Members of the sets chosen, set after set."""
    parts = [sets[j] for j in np.flatnonzero(chosen)]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _between(first: Int1D, second: Int1D) -> Int1D:
    """Every position of one with every position of the other, (2, n_pairs), first-major."""
    return np.stack((np.repeat(first, second.size), np.tile(second, first.size)))


def _same_bars(present: BoolArray) -> list[Int1D]:
    """Positions grouped by the pattern of bars they have, groups in order of first appearance."""
    groups: dict[bytes, list[int]] = {}
    for position, row in enumerate(np.packbits(present, axis=1)):
        groups.setdefault(row.tobytes(), []).append(position)
    return [np.array(group, dtype=np.int64) for group in groups.values()]
