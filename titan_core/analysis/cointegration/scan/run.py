"""Running a scan: blocks of pairs on a pool of threads, each writing rows of its own.

The blocks are fixed by the panel alone, and each is worked through by one thread with one BLAS thread, so results are
the same to the last bit whatever the number of threads.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from titan_core.analysis.cointegration.kernels import OVERLAP, PENDING
from titan_core.analysis.cointegration.lanes.kernels import LANES
from titan_core.analysis.cointegration.scan import kernels
from titan_core.analysis.cointegration.scan.blas import single_threaded_blas
from titan_core.analysis.cointegration.scan.kernels import Results, Settings, Side
from titan_core.analysis.cointegration.scan.plan import Family, Stage, pair_rows, positions_of, stages
from titan_core.errors import Cancelled
from titan_core.types import Float2D, Int1D, Progress, ShouldStop

__all__ = ["Piece", "Pool", "Sink", "Task", "Whole", "pieces", "run", "usable_cpus"]

# Symbols a side of a block, and pairs a task where pairs go one by one: under 0.1 s of work each.
_BLOCK = 96
_CHUNK = 256
# A pair gone through by itself takes about so many times what it takes inside a block.
_ALONE = 8.0
# How long a stop request may wait to be seen, in seconds.
_POLL = 0.1

Task = Callable[[], int]  # works some pairs through and says how many


class Sink(Protocol):
    """Where tested pairs go; called from the threads, every row once."""

    def write(self, part: Results, rows: Int1D) -> None:
        """Results of some rows of the scan."""

    def refuse(self, rows: Int1D, n_bars: Int1D) -> None:
        """Rows with too few bars in common, and how many these are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A bounded number of pairs that one thread works through; a piece of no pairs only prepares others.

    ``cost`` compares pieces: about pairs times bars, more where pairs are gone through one by one.
    """

    task: Task
    n_pairs: int
    cost: float


def pieces(values: Float2D, families: list[Family], settings: Settings, sink: Sink) -> Iterator[Piece]:
    """Everything there is to do, in an order that the panel alone decides; values (n_symbols, n_bars), NaN = no bar."""
    for family in families:
        yield from _pieces(_members(values, family), family, settings, sink)


def run(
    values: Float2D,
    families: list[Family],
    settings: Settings,
    *,
    n_threads: int | None,
    progress: Progress | None,
    should_stop: ShouldStop | None,
) -> Results:
    """Test every pair of every family; values (n_symbols, n_bars), NaN = no bar.

    Raises
    ------
    Cancelled
        ``should_stop`` said so; it is asked at least every 0.1 s.
    """
    n_pairs = sum(family.n_pairs for family in families)
    whole = Whole(kernels.empty_results(n_pairs))
    pool = Pool(n_threads or usable_cpus(), n_pairs, progress, should_stop)
    with single_threaded_blas():
        pool.work_through(piece.task for piece in pieces(values, families, settings, whole))
    return whole.results


@dataclass(frozen=True, slots=True)
class Whole:
    """A sink with a row for every pair of the scan."""

    results: Results

    def write(self, part: Results, rows: Int1D) -> None:
        """Into their rows."""
        for field, fresh in zip(self.results, part, strict=True):
            field[rows] = fresh

    def refuse(self, rows: Int1D, n_bars: Int1D) -> None:
        """The reason and the bars; the other numbers are blanked with those of every untested pair."""
        self.results.codes[rows] = OVERLAP
        self.results.overlap[rows] = n_bars


def _members(values: Float2D, family: Family) -> Float2D:
    """Rows of a family; no copy where it is everyone."""
    return values if family.columns.size == values.shape[0] else values[family.columns]


def _pieces(values: Float2D, family: Family, settings: Settings, sink: Sink) -> Iterator[Piece]:
    """Everything to do for one family; blocks are planned when their turn comes."""
    waiting: list[Int1D] = []
    for stage in stages(values):
        if isinstance(stage, Stage):
            if _too_short(stage.n_bars, settings):
                pairs = positions_of(stage)
                yield _refusal(pairs, np.full(stage.n_pairs, stage.n_bars), family, sink)
            else:
                yield from _block_pieces(values, stage, family, settings, sink)
            continue
        short = np.isin(
            stage.n_bars, [n for n in np.unique(stage.n_bars).tolist() if _too_short(n, settings)]
        )
        if short.any():
            yield _refusal(stage.pairs[:, short], stage.n_bars[short], family, sink)
        waiting.append(stage.pairs[:, ~short])
        if sum(pairs.shape[1] for pairs in waiting) >= _CHUNK:
            yield from _pair_pieces(values, waiting, family, settings, sink)
            waiting = []
    yield from _pair_pieces(values, waiting, family, settings, sink)


def _too_short(n_bars: int, settings: Settings) -> bool:
    return n_bars < settings.min_overlap or kernels.lag_limit(n_bars, settings) < 0


def _refusal(pairs: Int1D, n_bars: Int1D, family: Family, sink: Sink) -> Piece:
    def task() -> int:
        sink.refuse(family.offset + pair_rows(pairs, family.columns.size), n_bars)
        return int(pairs.shape[1])

    return Piece(task, pairs.shape[1], float(pairs.shape[1]))


def _pair_pieces(
    values: Float2D, parts: list[Int1D], family: Family, settings: Settings, sink: Sink
) -> Iterator[Piece]:
    """Pieces of a bounded number of pairs, each pair gone through by itself."""
    pairs = np.concatenate(parts, axis=1) if parts else np.empty((2, 0), dtype=np.int64)

    def task(some: Int1D) -> int:
        part = kernels.empty_results(some.shape[1])
        kernels.engle_granger_pairs(values, some[0].copy(), some[1].copy(), settings, part)
        sink.write(part, family.offset + pair_rows(some, family.columns.size))
        return int(some.shape[1])

    for at in range(0, pairs.shape[1], _CHUNK):
        some = pairs[:, at : at + _CHUNK]
        yield Piece(partial(task, some), some.shape[1], _ALONE * some.shape[1] * values.shape[1])


class _Tile:
    """A few symbols of a stage, prepared by whichever task needs them first."""

    def __init__(self, values: Float2D, positions: Int1D, stage: Stage, settings: Settings) -> None:
        self.values = values
        self.positions = positions
        self.stage = stage
        self.settings = settings
        self._lock = threading.Lock()
        self._side: Side | None = None

    def side(self) -> Side:
        """The symbols prepared on the stage's bars."""
        with self._lock:
            if self._side is None:
                rows = self.values[self.positions]
                if not self.stage.present.all():
                    rows = np.ascontiguousarray(rows[:, self.stage.present])
                max_lag = int(kernels.lag_limit(self.stage.n_bars, self.settings))
                self._side = kernels.prepare(rows, max_lag, self.settings)
            return self._side

    def prepare(self) -> int:
        """Prepare ahead of need; no pair is done by that."""
        self.side()
        return 0


def _block_pieces(
    values: Float2D, stage: Stage, family: Family, settings: Settings, sink: Sink
) -> Iterator[Piece]:
    """Both sides in tiles of symbols, then tile against tile; a tile is let go once its last block is handed out."""

    def tiles(positions: Int1D) -> list[_Tile]:
        parts = (positions[at : at + _BLOCK] for at in range(0, positions.size, _BLOCK))
        return [_Tile(values, part, stage, settings) for part in parts]

    first = tiles(stage.first)
    second = first if stage.triangle else tiles(stage.second)
    for tile in first if stage.triangle else first + second:
        yield Piece(tile.prepare, 0, 0.0)
    while first:
        a = first[0]
        for b in second:
            size = a.positions.size
            n_pairs = size * (size - 1) // 2 if a is b else size * b.positions.size
            task = partial(_test_block, values, a, b, family, settings, sink)
            yield Piece(task, n_pairs, float(n_pairs * stage.n_bars))
        del first[0], a  # inside one set ``second`` is the same list, so that the pairs left are those below


def _test_block(values: Float2D, a: _Tile, b: _Tile, family: Family, settings: Settings, sink: Sink) -> int:
    """Every pair between two tiles; between a tile and itself, every pair once."""
    i, j, inside = a.positions, b.positions, a is b
    first, second = a.side(), b.side()
    part = kernels.empty_results(i.size * j.size)
    cross, symmetric = _products(first, second)
    kernels.engle_granger_block(first, second, cross, symmetric, int(inside), settings, part)
    part.correlation[:] = (first.returns[: i.size] @ second.returns[: j.size].T).ravel()
    formed = (np.arange(i.size)[:, None] < np.arange(j.size) + (0 if inside else i.size)).ravel()
    part = Results(*(field[formed] for field in part))
    pairs = np.stack([index.ravel()[formed] for index in np.meshgrid(i, j, indexing="ij")])
    _mend(values, pairs, settings, part)
    _write_either_way(part, pairs, family, sink)
    return int(pairs.shape[1])


def _products(first: Side, second: Side) -> tuple[Float2D, Float2D]:
    """Products of levels (ka, kb), and symmetrised lag products of steps (m+1, ka, kb)."""
    if 2 * second.n_symbols < first.n_symbols:
        symmetric = np.ascontiguousarray(_symmetric(second, first).transpose(0, 2, 1))
    else:
        symmetric = _symmetric(first, second)
    return first.levels @ second.levels.T, symmetric


def _symmetric(first: Side, second: Side) -> Float2D:
    """Σ a_j b_{j-k} + Σ a_{j-k} b_j for j = m … n-2, by one matrix product: with b_i factored out it is Σ b_i f_i.

    f_i = a_{i+k} + a_{i-k}, each where its j is in the sample. A few symbols take several lags at a time, so that the
    product is worth its start.
    """
    m, n = first.own.shape[0] - 1, first.steps.shape[1]
    a, b = first.steps, second.steps
    symmetric = np.empty((m + 1, a.shape[0], b.shape[0]))
    if first.n_symbols < LANES:  # rows that only pad are never read
        a = a[: first.n_symbols]
    together = max(1, _BLOCK // a.shape[0])
    both_ways = np.empty((together, a.shape[0], n))
    for start in range(0, m + 1, together):
        lags = range(start, min(start + together, m + 1))
        for f, k in zip(both_ways, lags, strict=False):
            f[:, : m - k] = 0.0
            f[:, m - k : n - k] = a[:, m:]
            f[:, n - k :] = 0.0
            f[:, m:] += a[:, m - k : n - k]
        part = both_ways[: len(lags)].reshape(-1, n) @ b.T
        symmetric[start : start + len(lags), : a.shape[0]] = part.reshape(len(lags), a.shape[0], -1)
    return symmetric


def _mend(values: Float2D, pairs: Int1D, settings: Settings, part: Results) -> None:
    """Redo, from their residuals, the pairs that products could not settle."""
    pending = np.flatnonzero(part.codes == PENDING)
    if pending.size:
        redone = kernels.empty_results(pending.size)
        kernels.engle_granger_pairs(values, pairs[0, pending], pairs[1, pending], settings, redone)
        for field, fresh in zip(part, redone, strict=True):
            field[pending] = fresh


def _write_either_way(part: Results, pairs: Int1D, family: Family, sink: Sink) -> None:
    """Write pairs whose first position may be the higher one: those rows change direction."""
    swapped = pairs[0] > pairs[1]
    for field in (part.numbers, part.lags):
        field[swapped] = field[swapped][:, ::-1]
    sink.write(part, family.offset + pair_rows(np.sort(pairs, axis=0), family.columns.size))


class Pool:
    """A bounded queue of tasks on threads, with progress and cancellation seen from the calling thread."""

    def __init__(
        self, n_threads: int, n_pairs: int, progress: Progress | None, should_stop: ShouldStop | None
    ) -> None:
        self.n_threads = n_threads
        self.n_pairs = n_pairs
        self.progress = progress
        self.should_stop = should_stop
        self.stopped = threading.Event()
        self.done = 0

    def work_through(self, tasks: Iterator[Task]) -> None:
        """Run all tasks, a few waiting at a time, so that what they hold stays small."""
        waiting: set[Future[int]] = set()
        with ThreadPoolExecutor(self.n_threads, thread_name_prefix="titan-scan") as pool:
            try:
                for task in tasks:
                    waiting.add(pool.submit(self._unless_stopped, task))
                    while len(waiting) > 2 * self.n_threads:
                        waiting = self._collect(waiting)
                while waiting:
                    waiting = self._collect(waiting)
            except BaseException:
                self.stopped.set()
                raise

    def _unless_stopped(self, task: Task) -> int:
        return 0 if self.stopped.is_set() else task()

    def _collect(self, waiting: set[Future[int]]) -> set[Future[int]]:
        finished, waiting = wait(waiting, timeout=_POLL, return_when=FIRST_COMPLETED)
        if self.should_stop is not None and self.should_stop():
            raise Cancelled(f"the scan was stopped after {self.done:,} of {self.n_pairs:,} pairs")
        for future in finished:
            self.done += future.result()
        if finished and self.progress is not None:
            self.progress(self.done, self.n_pairs)
        return waiting


def usable_cpus() -> int:
    """CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
