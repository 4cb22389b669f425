"""A big scan in parts: its pairs by blocks, every draw of its null alike, its candidates' re-tests by rows.

Everything that can be cut is cut before the first pair is tested, so that nobody is idle while the scan's own worker
gathers, ranks and stores.
"""

import io
import json
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from titan_core.analysis import (
    NullTally,
    OutlierRetest,
    PartResults,
    ScanPart,
    SplitScan,
    add_draw,
    block_length_for,
    null_panel,
    positive_logs,
    retest_without_outliers,
)
from titan_core.data import PricePanel
from titan_core.errors import DataUnavailable
from trading.models import Job, Scan
from trading.services import artefacts
from trading.services.jobs.parts import Parts, Step, crew_size, part_count, threads, works, worth_parts
from trading.services.jobs.queues import queue_of
from trading.services.jobs.report import Report
from trading.services.scans.checks import draws_of, n_kept, pairs_of, scan_options, seed_of
from trading.services.scans.table import ScanTable

__all__ = ["ScanInParts", "scan_in_parts"]

_PAIRS, _NULL, _OUTLIERS = "scan.pairs", "scan.null", "scan.outliers"
_PAIR_BARS_A_SECOND = 3.0e8  # of one core, with lags up to 27: 120,000 pairs of ten years
_RETESTED_BARS_A_SECOND = 6.5e6
_LAST = 4  # the parts done last are so many times smaller: while one worker ends a long one, others do these

Tell = Callable[[float], None]


def scan_in_parts(scan: Scan, panel: PricePanel, panel_hash: str, report: Report) -> "ScanInParts | None":
    """The scan cut for all workers of its queue; None where it is small, or one worker is all there is."""
    parts = Parts(report)
    crew = 2 if parts.exist else crew_size(queue_of(report.job.kind))
    n_pairs = panel.n_symbols * (panel.n_symbols - 1) // 2
    seconds = n_pairs * panel.n_bars / _PAIR_BARS_A_SECOND
    if not worth_parts(seconds * (1 + draws_of(scan.parameters, n_pairs)), crew=crew):
        return None
    return ScanInParts(scan, panel, panel_hash, parts, part_count(seconds))


class ScanInParts:
    """What a scan's worker asks of its parts, in the order it needs the answers."""

    def __init__(self, scan: Scan, panel: PricePanel, panel_hash: str, parts: Parts, n_parts: int) -> None:
        self._parameters = scan.parameters
        self._panel = panel
        self._hash = panel_hash
        self._parts = parts
        self._options = scan_options(scan.parameters, scan.parameters.get("families"))
        self._split = SplitScan(panel, take_logs=True, **self._options)
        self._ranges = self._split.cut(n_parts)

    def cut(self) -> None:
        """Hand out the pairs, and the draws that the number of pairs allows."""
        payloads = [self._payload(part) for part in self._ranges]
        self._parts.cut(_PAIRS, payloads, [part.n_pairs for part in self._ranges])
        self._cut_draws(draws_of(self._parameters, self._split.n_pairs))

    def table(self, tell: Tell, report: Report) -> Any:
        """The Arrow table of the scan."""
        results = self._parts.gather(_PAIRS, tell)
        found = self._split.gather(
            map(PartResults.from_bytes, results), n_threads=threads(), should_stop=report.should_stop
        )
        return found.to_arrow()

    def kept(self) -> None:
        """The table is kept: the results it was made of may go."""
        self._parts.let_go(_PAIRS)

    def null(
        self,
        table: ScanTable,
        draws: int,
        tally: NullTally | None,
        *,
        on_draw: Callable[[NullTally], None],
        tell: Tell,
        report: Report,
    ) -> NullTally:
        """The scan's own null; pairs that could not be tested may allow more draws than were cut at first."""
        self._cut_draws(draws)
        n_rows, per_draw = n_kept(table, draws), len(self._ranges)
        done = tally or NullTally(exceeded=np.zeros(n_rows, dtype=np.int64))
        results = self._parts.gather(_NULL, tell, first=done.n_draws * per_draw)
        for draw in range(done.n_draws, draws):
            of_draw = (PartResults.from_bytes(next(results)) for _ in range(per_draw))
            made = self._drawn.gather(of_draw, n_threads=threads(), should_stop=report.should_stop)
            done = add_draw(done, made, table.lowest, n_kept=n_rows)
            on_draw(done)
            self._parts.let_go(_NULL, first=draw * per_draw, last=(draw + 1) * per_draw)
        return done

    def cut_outliers(self, table: ScanTable) -> None:
        """Hand out the re-tests, so that they are done while draws are gathered."""
        pairs, lags = pairs_of(table)
        seconds = len(pairs) * self._panel.n_bars / _RETESTED_BARS_A_SECOND
        n = part_count(_LAST * seconds)
        edges = np.linspace(0, len(pairs), n + 1).astype(int)
        payloads = [
            {"panel": self._hash, "pairs": pairs[first:last], "lags": lags[first:last].tolist()}
            for first, last in pairwise(edges)
        ]
        self._parts.cut(_OUTLIERS, payloads, [len(payload["pairs"]) for payload in payloads])

    def outliers(self, table: ScanTable, tell: Tell) -> OutlierRetest:
        """The kept rows without their most influential bars."""
        self.cut_outliers(table)
        found = [_retest_of(content) for content in self._parts.gather(_OUTLIERS, tell)]
        return OutlierRetest.together(found, trend=self._parameters["trend"])

    @cached_property
    def _drawn(self) -> SplitScan:
        """What every draw is gathered by: the draws' pairs, and the bars they miss, are the scan's own."""
        return SplitScan(self._logs, **self._options)

    @cached_property
    def _block_length(self) -> float:
        return block_length_for(self._logs)

    @cached_property
    def _logs(self) -> PricePanel:
        return positive_logs(self._panel)

    def _cut_draws(self, draws: int) -> None:
        payloads = [
            self._payload(part) | {"draw": draw, "block_length": self._block_length}
            for draw in range(draws)
            for part in self._ranges
        ]
        self._parts.cut(_NULL, payloads, [part.n_pairs for _ in range(draws) for part in self._ranges])

    def _payload(self, part: ScanPart) -> dict[str, Any]:
        return {"panel": self._hash, "first": part.first, "last": part.last, "n_pairs": part.n_pairs}


@works(_PAIRS)
def pairs_part(job: Job, payload: Mapping[str, Any], step: Step) -> bytes:
    """Blocks of a scan's pairs."""
    return _tested(_split(payload["panel"], None, _options(_scan_of(job))), payload, step).to_bytes()


@works(_NULL)
def draw_part(job: Job, payload: Mapping[str, Any], step: Step) -> bytes:
    """The same blocks of a draw of the scan's null."""
    draw = payload["draw"], payload["block_length"]
    found = _tested(_split(payload["panel"], draw, _options(_scan_of(job))), payload, step)
    return found.to_bytes(of_a_draw=True)


@works(_OUTLIERS)
def outliers_part(job: Job, payload: Mapping[str, Any], step: Step) -> bytes:
    """Some of a scan's candidates without their most influential bars."""
    found = retest_without_outliers(
        _logs(payload["panel"]),
        [(one, other) for one, other in payload["pairs"]],
        payload["lags"],
        trend=_scan_of(job).parameters["trend"],
        progress=step,
        should_stop=step.should_stop,
        n_threads=threads(),
    )
    buffer = io.BytesIO()
    np.savez(buffer, statistic=found.statistic, bars=found.bars)
    return buffer.getvalue()


def _retest_of(content: bytes) -> OutlierRetest:
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        return OutlierRetest(kept["statistic"], np.empty(0), kept["bars"])


def _tested(split: SplitScan, payload: Mapping[str, Any], step: Step) -> PartResults:
    part = ScanPart(payload["first"], payload["last"], payload["n_pairs"])
    return split.work(part, progress=step, should_stop=step.should_stop, n_threads=threads())


def _scan_of(job: Job) -> Scan:
    scan = Scan.objects.filter(pk=job.subject_id or 0).first()
    if scan is None:
        raise DataUnavailable("The scan of this job was deleted; nothing is left to do.")
    return scan


def _options(scan: Scan) -> str:
    """The scan's options as one text, by which a process knows that it has them laid out already."""
    return json.dumps(scan_options(scan.parameters, scan.parameters.get("families")), sort_keys=True)


@lru_cache(maxsize=2)
def _split(panel_hash: str, draw: tuple[int, float] | None, options: str) -> SplitScan:
    """A panel, or a draw of its null, laid out: parts of one job that a process does in turn share it."""
    chosen = json.loads(options)
    if draw is None:
        return SplitScan(artefacts.panel(panel_hash), take_logs=True, **chosen)
    number, length = draw
    drawn = null_panel(_logs(panel_hash), seed=seed_of(panel_hash), draw=number, block_length=length)
    return SplitScan(drawn, **chosen)


@lru_cache(maxsize=1)
def _logs(panel_hash: str) -> PricePanel:
    """What draws are made of, and candidates tested again on: read once for all of a job's parts."""
    return positive_logs(artefacts.panel(panel_hash))
