"""Running a scan: blocks of pairs on a pool of threads, each writing rows of its own.

The blocks are fixed by the panel alone, and each is worked through by one thread with one BLAS thread, so results are
the same to the last bit whatever the number of threads.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np

from titan_core.analysis.cointegration.kernels import OVERLAP, PENDING
from titan_core.analysis.cointegration.scan import kernels
from titan_core.analysis.cointegration.scan.blas import single_threaded_blas
from titan_core.analysis.cointegration.scan.kernels import Results, Settings, Side
from titan_core.analysis.cointegration.scan.plan import Family, Stage, pair_rows, stages
from titan_core.errors import Cancelled
from titan_core.types import Float2D, Int1D, Progress, ShouldStop

__all__ = ["run"]

# Symbols a side of a block, and pairs a task where pairs go one by one: under 0.1 s of work each.
_BLOCK = 96
_CHUNK = 256
# How long a stop request may wait to be seen, in seconds.
_POLL = 0.1

Task = Callable[[], int]  # works some pairs through and says how many


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
    results = kernels.empty_results(n_pairs)
    threads = n_threads or _cpus()
    pool = _Pool(threads, n_pairs, progress, should_stop)
    with single_threaded_blas():
        pool.work_through(
            task for family in families for task in _tasks(values[family.columns], family, settings, results)
        )
    return results


def _tasks(values: Float2D, family: Family, settings: Settings, results: Results) -> Iterator[Task]:
    """Everything to do for one family; stages of a block are prepared when their turn comes."""
    singles: list[Int1D] = []
    for stage in stages(values):
        if stage.bars.size < settings.min_overlap or kernels.lag_limit(stage.bars.size, settings) < 0:
            yield _refusal(stage, family, results)
        elif stage.blocked:
            yield from _block_tasks(values, stage, family, settings, results)
        else:
            singles.append(_positions(stage))
    if singles:
        pairs = np.concatenate(singles, axis=1)
        for at in range(0, pairs.shape[1], _CHUNK):
            yield _pair_task(values, pairs[:, at : at + _CHUNK], family, settings, results)


def _positions(stage: Stage) -> Int1D:
    """The stage's pairs as positions (2, n_pairs), the lower one first."""
    if stage.triangle:
        a, b = np.triu_indices(stage.first.size, 1)
    else:
        a, b = (index.ravel() for index in np.indices((stage.first.size, stage.second.size)))
    pairs = np.stack((stage.first[a], stage.second[b]))
    return np.sort(pairs, axis=0)


def _refusal(stage: Stage, family: Family, results: Results) -> Task:
    def task() -> int:
        pairs = _positions(stage)
        rows = family.offset + pair_rows(pairs, family.columns.size)
        results.codes[rows] = OVERLAP
        results.overlap[rows] = stage.bars.size
        return int(rows.size)

    return task


def _pair_task(values: Float2D, pairs: Int1D, family: Family, settings: Settings, results: Results) -> Task:
    def task() -> int:
        part = kernels.empty_results(pairs.shape[1])
        kernels.engle_granger_pairs(values, pairs[0].copy(), pairs[1].copy(), settings, part)
        _write(part, family.offset + pair_rows(pairs, family.columns.size), results)
        return int(pairs.shape[1])

    return task


def _block_tasks(
    values: Float2D, stage: Stage, family: Family, settings: Settings, results: Results
) -> Iterator[Task]:
    """Prepare both sides in blocks of symbols, then test block against block."""
    max_lag = int(kernels.lag_limit(stage.bars.size, settings))
    full = stage.bars.size == values.shape[1]

    def sides(positions: Int1D) -> list[tuple[Int1D, Side]]:
        parts = [positions[at : at + _BLOCK] for at in range(0, positions.size, _BLOCK)]
        rows = (
            values[part] if full else np.ascontiguousarray(values[np.ix_(part, stage.bars)]) for part in parts
        )
        return [
            (part, kernels.prepare(row, max_lag, settings)) for part, row in zip(parts, rows, strict=True)
        ]

    first = sides(stage.first)
    second = first if stage.triangle else sides(stage.second)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            if not stage.triangle or j >= i:
                yield _block_task(values, (a, b), family, settings, results)


def _block_task(
    values: Float2D,
    sides: tuple[tuple[Int1D, Side], tuple[Int1D, Side]],
    family: Family,
    settings: Settings,
    results: Results,
) -> Task:
    def task() -> int:
        (i, first), (j, second) = sides
        inside = first is second
        part = kernels.empty_results(i.size * j.size)
        cross, symmetric = _products(first, second)
        kernels.engle_granger_block(first, second, cross, symmetric, int(inside), settings, part)
        part.correlation[:] = (first.returns[: i.size] @ second.returns[: j.size].T).ravel()
        formed = (np.arange(i.size)[:, None] < np.arange(j.size) + (0 if inside else i.size)).ravel()
        part = Results(*(field[formed] for field in part))
        pairs = np.stack([index.ravel()[formed] for index in np.meshgrid(i, j, indexing="ij")])
        _mend(values, pairs, settings, part)
        _write_either_way(part, pairs, family, results)
        return int(pairs.shape[1])

    return task


def _products(first: Side, second: Side) -> tuple[Float2D, Float2D]:
    """Products of levels (ka, kb), and symmetrised lag products of steps (m+1, ka, kb)."""
    m, n = first.own.shape[0] - 1, first.steps.shape[1]
    a, b = first.steps, second.steps
    symmetric = np.empty((m + 1, a.shape[0], b.shape[0]))
    reverse = np.empty((a.shape[0], b.shape[0]))
    for k in range(m + 1):
        np.matmul(a[:, m:], b[:, m - k : n - k].T, out=symmetric[k])
        np.matmul(a[:, m - k : n - k], b[:, m:].T, out=reverse)
        symmetric[k] += reverse
    return first.levels @ second.levels.T, symmetric


def _mend(values: Float2D, pairs: Int1D, settings: Settings, part: Results) -> None:
    """Redo, from their residuals, the pairs that products could not settle."""
    pending = np.flatnonzero(part.codes == PENDING)
    if pending.size:
        redone = kernels.empty_results(pending.size)
        kernels.engle_granger_pairs(values, pairs[0, pending], pairs[1, pending], settings, redone)
        for field, fresh in zip(part, redone, strict=True):
            field[pending] = fresh


def _write_either_way(part: Results, pairs: Int1D, family: Family, results: Results) -> None:
    """Write pairs whose first position may be the higher one: those rows change direction."""
    swapped = pairs[0] > pairs[1]
    for field in (part.numbers, part.lags):
        field[swapped] = field[swapped][:, ::-1]
    _write(part, family.offset + pair_rows(np.sort(pairs, axis=0), family.columns.size), results)


def _write(part: Results, rows: Int1D, results: Results) -> None:
    for field, fresh in zip(results, part, strict=True):
        field[rows] = fresh


class _Pool:
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


def _cpus() -> int:
    """CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
