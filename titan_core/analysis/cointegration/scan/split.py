"""A scan cut into parts that any process may work through, and gathered to the same scan, bit for bit.

A part is a run of blocks. Blocks are fixed by the panel alone and each is worked through by one thread with one BLAS
thread, so it makes no difference which process took which. Machines of different kinds may differ in the last bits, as
they do for a scan that is not cut: their matrix products add in another order.
"""

import io
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from titan_core.analysis.cointegration.kernels import OVERLAP
from titan_core.analysis.cointegration.scan import kernels
from titan_core.analysis.cointegration.scan.blas import single_threaded_blas
from titan_core.analysis.cointegration.scan.face import Question, blank_untested
from titan_core.analysis.cointegration.scan.kernels import Results
from titan_core.analysis.cointegration.scan.result import PairScan
from titan_core.analysis.cointegration.scan.run import Piece, Pool, Whole, pieces, usable_cpus
from titan_core.checks import as_count
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput, StoreError
from titan_core.types import Float1D, Float2D, Int1D, Progress, ShouldStop

__all__ = ["PartResults", "ScanPart", "SplitScan"]


@dataclass(frozen=True, slots=True)
class ScanPart:
    """Blocks ``first`` up to, not including, ``last`` of a scan, and the pairs they hold."""

    first: int
    last: int
    n_pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class PartResults:
    """What a part found.

    Attributes
    ----------
    rows : ndarray of shape (n,), rows of the scan, rising
    numbers, lags, overlap, correlation, codes : as in `PairScan` (``n_obs`` is the overlap), a row each
    """

    rows: Int1D = field(repr=False)
    numbers: npt.NDArray[np.float64] = field(repr=False)
    lags: npt.NDArray[np.int16] = field(repr=False)
    overlap: npt.NDArray[np.int32] = field(repr=False)
    correlation: Float1D = field(repr=False)
    codes: npt.NDArray[np.uint8] = field(repr=False)

    def to_bytes(self, *, of_a_draw: bool = False) -> bytes:
        """Plain bytes, from which `from_bytes` makes the same.

        ``of_a_draw`` keeps a fifth of them: statistics and outcomes, all that `add_draw` asks of a draw of the null.
        """
        fields = {name: getattr(self, name) for name in self.__slots__}
        if of_a_draw:
            statistic = np.ascontiguousarray(self.numbers[:, :, kernels.STATISTIC])
            fields = {"rows": self.rows, "statistic": statistic, "codes": self.codes}
        buffer = io.BytesIO()
        np.savez(buffer, **fields)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "PartResults":
        """What `to_bytes` wrote (of a draw, the rest is NaN or 0); `StoreError` where it is something else."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                if "statistic" in kept:
                    return cls._of_a_draw(kept["rows"], kept["statistic"], kept["codes"])
                return cls(**{name: kept[name] for name in cls.__slots__})
        except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
            raise StoreError(f"these are no results of a part of a scan ({error})") from error

    @classmethod
    def _of_a_draw(cls, rows: Int1D, statistic: Float2D, codes: npt.NDArray[np.uint8]) -> "PartResults":
        numbers = np.full((rows.size, 2, kernels.N_NUMBERS), np.nan)
        numbers[:, :, kernels.STATISTIC] = statistic
        nothing = kernels.empty_results(rows.size)
        nothing.correlation[:] = np.nan
        return cls(rows, numbers, nothing.lags, nothing.overlap, nothing.correlation, codes)


class SplitScan:
    """`scan_pairs` in parts: ``cut`` says which there are, ``work`` does one, ``gather`` puts them together.

    Parameters
    ----------
    panel : as in `scan_pairs`.
    options : the scan's own: trend, max_lag, autolag, min_overlap, families, fdr, alpha, take_logs.

    Raises
    ------
    InvalidInput
        As `scan_pairs`.
    """

    def __init__(self, panel: PricePanel, **options: Any) -> None:
        self.question = Question.of(panel, **options)
        self._values = self.question.values()

    @property
    def n_pairs(self) -> int:
        """Pairs formed."""
        return self.question.n_pairs

    def cut(self, n_parts: int) -> tuple[ScanPart, ...]:
        """At most `n_parts` parts of about the same work, in order; together they hold every pair once."""
        wanted = as_count(n_parts, "n_parts", minimum=1)
        blocks = [(piece.n_pairs, piece.cost) for piece in self._pieces(_Nowhere())]
        done = np.concatenate(([0.0], np.cumsum([cost for _, cost in blocks])))
        edges = np.searchsorted(done, np.linspace(0.0, done[-1], wanted + 1))
        edges[-1] = len(blocks)
        edges = np.unique(edges)
        return tuple(
            ScanPart(int(first), int(last), sum(n for n, _ in blocks[first:last]))
            for first, last in pairwise(edges)
        )

    def work(
        self,
        part: ScanPart,
        *,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        n_threads: int | None = None,
    ) -> PartResults:
        """Test the pairs of a part; ``progress`` counts these. Raises `Cancelled` when ``should_stop`` says so."""
        found = _Collected()
        threads = usable_cpus() if n_threads is None else as_count(n_threads, "n_threads", minimum=1)
        with single_threaded_blas():
            Pool(threads, part.n_pairs, progress, should_stop).work_through(
                piece.task for at, piece in enumerate(self._pieces(found)) if part.first <= at < part.last
            )
        return found.results()

    def gather(
        self,
        parts: Iterable[PartResults],
        *,
        n_threads: int | None = None,
        should_stop: ShouldStop | None = None,
    ) -> PairScan:
        """The scan that `scan_pairs` gives; parts come in any order and are let go one by one.

        Raises
        ------
        InvalidInput
            A pair is in no part, or in two.
        """
        whole = Whole(kernels.empty_results(self.n_pairs))
        missing = np.ones(self.n_pairs, dtype=np.bool_)
        for part in parts:
            if part.rows.size and (part.rows[-1] >= self.n_pairs or not missing[part.rows].all()):
                raise InvalidInput("a pair is in two parts: gather the parts of one cut")
            missing[part.rows] = False
            whole.write(_as_results(part), part.rows)
        if missing.any():
            raise InvalidInput(
                f"{np.count_nonzero(missing):,} pairs are in no part: gather every part of the cut"
            )
        return self.question.answer(whole.results, n_threads=n_threads, should_stop=should_stop)

    def _pieces(self, sink: Any) -> Iterable[Piece]:
        """Blocks alone: each prepares what it needs by itself."""
        question = self.question
        every = pieces(self._values, question.families, question.settings, sink)
        return (piece for piece in every if piece.n_pairs)


class _Nowhere:
    """A sink for pieces that are counted and not run."""

    def write(self, part: Results, rows: Int1D) -> None:
        """Nothing comes here."""

    def refuse(self, rows: Int1D, n_bars: Int1D) -> None:
        """Nothing comes here."""


class _Collected:
    """A sink for some rows of a scan."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[tuple[Int1D, Results]] = []

    def write(self, part: Results, rows: Int1D) -> None:
        """As they come."""
        with self._lock:
            self._found.append((rows, part))

    def refuse(self, rows: Int1D, n_bars: Int1D) -> None:
        """As results whose other numbers mean nothing."""
        part = kernels.empty_results(rows.size)
        part.codes[:] = OVERLAP
        part.overlap[:] = n_bars
        self.write(part, rows)

    def results(self) -> PartResults:
        """By row, so that it makes no difference which thread was first."""
        if not self._found:
            self.write(kernels.empty_results(0), np.empty(0, dtype=np.int64))
        rows = np.concatenate([rows for rows, _ in self._found])
        order = np.argsort(rows, kind="stable")
        together = Results(
            *(
                np.concatenate(fields)[order]
                for fields in zip(*(part for _, part in self._found), strict=True)
            )
        )
        blank_untested(together)
        return PartResults(rows[order], *together)


def _as_results(part: PartResults) -> Results:
    return Results(part.numbers, part.lags, part.overlap, part.correlation, part.codes)
