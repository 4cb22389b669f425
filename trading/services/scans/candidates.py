"""Candidates of a scan, filtered, ordered and sliced: from their rows, or from the whole table in its file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import F, Q, QuerySet

from titan_core.types import BoolArray
from trading.models import PlantedPair, Scan, ScanCandidate, Symbol
from trading.services import artefacts
from trading.services.scans.table import NUMBERS, ScanTable
from trading.utils import finite_or_none

__all__ = ["CandidateQuery", "CandidateRows", "find_candidates"]

Row = dict[str, Any]
Pair = tuple[str, str]

# What only pairs kept as rows have, and what the others show instead.
_NO_ROW: Row = {
    "outlier_pvalue": None,
    "outlier_driven": None,
    "fwer_pvalue": None,
    "pair_id": None,
    "sparkline": [],
}
_OF_ROWS = tuple(_NO_ROW)
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    """Which candidates, in which order; ``bounds`` are (column, "gte" or "lte", value)."""

    everything: bool = False
    search: str = ""
    symbol: str = ""
    is_discovery: bool | None = None
    outlier_driven: bool | None = None
    bounds: tuple[tuple[str, str, float], ...] = ()
    ordering: tuple[str, ...] = ()


class CandidateRows:
    """A sequence of candidates that is read a slice at a time."""

    def __init__(self, scan: Scan, query: CandidateQuery) -> None:
        self.scan = scan
        self.query = query
        self.planted = _planted(scan)

    def __len__(self) -> int:
        """How many match."""
        raise NotImplementedError

    def __getitem__(self, part: slice) -> list[Row]:
        """The rows of a slice."""
        raise NotImplementedError

    def each(self) -> Iterator[Row]:
        """All rows, one after the other, a thousand in memory at a time."""
        for start in range(0, len(self), _AT_ONCE):
            yield from self[start : start + _AT_ONCE]

    def row(self, legs: tuple[Symbol, Symbol], numbers: Row, *, pk: int | None, rest: Row) -> Row:
        """One candidate as it is shown."""
        first, second = legs
        return {
            "id": pk,
            "symbol_1": first.ticker,
            "symbol_2": second.ticker,
            "name_1": first.name,
            "name_2": second.name,
            "sector_1": first.sector,
            "sector_2": second.sector,
            **numbers,
            "is_discovery": numbers["qvalue"] <= self.scan.parameters["alpha"],
            "planted": self.planted.get(_unordered(first.ticker, second.ticker)),
            **rest,
        }


def find_candidates(scan: Scan, query: CandidateQuery) -> CandidateRows:
    """The candidates a query asks for; none while the scan has no result."""
    return _FromTable(scan, query) if query.everything and scan.is_complete else _FromRows(scan, query)


class _FromRows(CandidateRows):
    """Candidates kept as database rows."""

    def __init__(self, scan: Scan, query: CandidateQuery) -> None:
        super().__init__(scan, query)
        self.rows = self._filtered()

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, part: slice) -> list[Row]:
        return [self._shown(one) for one in self.rows[part]]

    def each(self) -> Iterator[Row]:
        """All rows, by one query instead of many with an offset."""
        return map(self._shown, self.rows.iterator(_AT_ONCE))

    def _filtered(self) -> QuerySet[ScanCandidate]:
        query = self.query
        rows = self.scan.candidates.select_related("symbol_1", "symbol_2")
        if query.symbol:
            rows = rows.filter(Q(symbol_1__ticker=query.symbol) | Q(symbol_2__ticker=query.symbol))
        if query.is_discovery is not None:
            found = Q(qvalue__lte=self.scan.parameters["alpha"])
            rows = rows.filter(found if query.is_discovery else ~found)
        if query.outlier_driven is not None:
            rows = rows.filter(outlier_driven=query.outlier_driven)
        for name, comparison, value in query.bounds:
            rows = rows.filter(**{f"{name}__{comparison}": value})
        for word in query.search.split():
            rows = rows.filter(
                Q(symbol_1__ticker__icontains=word)
                | Q(symbol_2__ticker__icontains=word)
                | Q(symbol_1__name__icontains=word)
                | Q(symbol_2__name__icontains=word)
            )
        return rows.order_by(*(_order(term) for term in query.ordering), "rank")

    def _shown(self, one: ScanCandidate) -> Row:
        numbers = {"rank": one.rank} | {name: getattr(one, name) for name in NUMBERS}
        rest = {name: getattr(one, name) for name in _OF_ROWS}
        return self.row((one.symbol_1, one.symbol_2), numbers, pk=one.pk, rest=rest)


def _order(term: str) -> Any:
    """One ordering term, missing numbers last either way."""
    name = term.removeprefix("-")
    column = F(f"{name}__ticker" if name.startswith("symbol_") else name)
    return column.desc(nulls_last=True) if term.startswith("-") else column.asc(nulls_last=True)


class _FromTable(CandidateRows):
    """Every tested pair, from the result file; those that are rows too carry their id, pair and sparkline."""

    def __init__(self, scan: Scan, query: CandidateQuery) -> None:
        super().__init__(scan, query)
        self.table = ScanTable(artefacts.table("scans", scan.result_hash))
        better = self.table.better
        self.ranks = np.arange(1, better.size + 1)
        self.columns: dict[str, npt.NDArray[Any]] = {
            "rank": self.ranks,
            "symbol_1": self.table.symbols("symbol_1")[better],
            "symbol_2": self.table.symbols("symbol_2")[better],
        } | {name: self.table.numbers(name)[better] for name in NUMBERS}
        self.columns |= self._of_rows()
        self.symbols = {symbol.ticker: symbol for symbol in Symbol.objects.filter(ticker__in=scan.symbols)}
        self.positions = self._ordered(np.flatnonzero(self._matching()))

    def __len__(self) -> int:
        return int(self.positions.size)

    def __getitem__(self, part: slice) -> list[Row]:
        positions = self.positions[part]
        ranks = [int(self.ranks[at]) for at in positions]
        chosen = (
            self.scan.candidates.filter(rank__in=ranks)
            if len(ranks) <= _AT_ONCE
            else self.scan.candidates.all()
        )
        kept = {one.rank: one for one in chosen}
        return [self._shown(int(at), kept.get(int(self.ranks[at]))) for at in positions]

    def _of_rows(self) -> dict[str, npt.NDArray[Any]]:
        """Columns that only rows have, as far as this query asks for them; NaN beyond."""
        asked = {term.removeprefix("-") for term in self.query.ordering} & {"outlier_pvalue", "fwer_pvalue"}
        if self.query.outlier_driven is not None:
            asked.add("outlier_driven")
        columns: dict[str, npt.NDArray[Any]] = {}
        for name in sorted(asked):
            columns[name] = np.full(self.ranks.size, np.nan)
            for rank, value in self.scan.candidates.values_list("rank", name):
                columns[name][rank - 1] = np.nan if value is None else float(value)
        return columns

    def _matching(self) -> BoolArray:
        query, first, second = self.query, self.columns["symbol_1"], self.columns["symbol_2"]
        match = np.ones(first.size, dtype=np.bool_)
        if query.symbol:
            match &= (first == query.symbol) | (second == query.symbol)
        if query.is_discovery is not None:
            match &= (self.columns["qvalue"] <= self.scan.parameters["alpha"]) == query.is_discovery
        if query.outlier_driven is not None:
            match &= self.columns["outlier_driven"] == float(query.outlier_driven)
        for name, comparison, value in query.bounds:
            column = np.where(np.isfinite(self.columns[name]), self.columns[name], np.nan)
            match &= column >= value if comparison == "gte" else column <= value
        for word in query.search.split():
            holds = {
                ticker
                for ticker, symbol in self.symbols.items()
                if word.lower() in ticker.lower() or word.lower() in symbol.name.lower()
            }
            match &= np.isin(first, list(holds)) | np.isin(second, list(holds))
        return match

    def _ordered(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Stable sorts, the last term first; missing numbers last either way."""
        for term in reversed(self.query.ordering):
            values = self.columns[term.removeprefix("-")][positions]
            if values.dtype == np.object_:
                values = np.unique(values.astype(str), return_inverse=True)[1].astype(np.float64)
            missing = ~np.isfinite(values.astype(np.float64))
            signed = -values if term.startswith("-") else values
            positions = positions[np.lexsort((np.where(missing, 0.0, signed), missing))]
        return positions

    def _shown(self, at: int, kept: ScanCandidate | None) -> Row:
        numbers: Row = {"rank": int(self.ranks[at])}
        for name in NUMBERS:
            value = float(self.columns[name][at])
            numbers[name] = int(value) if name in {"lag", "n_obs"} else finite_or_none(value)
        legs = (self._symbol(self.columns["symbol_1"][at]), self._symbol(self.columns["symbol_2"][at]))
        rest = {name: getattr(kept, name) for name in _OF_ROWS} if kept else dict(_NO_ROW)
        return self.row(legs, numbers, pk=kept.pk if kept else None, rest=rest)

    def _symbol(self, ticker: str) -> Symbol:
        return self.symbols.get(ticker) or Symbol(ticker=ticker)


def _planted(scan: Scan) -> dict[Pair, str]:
    """Kind of each pair planted in the scan's universe, by its tickers in alphabetical order."""
    if scan.universe_id is None:
        return {}
    planted = PlantedPair.objects.filter(universe_id=scan.universe_id)
    rows = list(planted.values_list("symbol_1__ticker", "symbol_2__ticker", "kind"))
    return {_unordered(first, second): kind for first, second, kind in rows}


def _unordered(first: str, second: str) -> Pair:
    return (first, second) if first <= second else (second, first)
