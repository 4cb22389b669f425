"""Timing: medians of interleaved repeats, so that a busy machine slows all sides alike; peak memory of a child."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "Options",
    "Row",
    "WrongAnswer",
    "as_table",
    "in_a_fresh_process",
    "interleaved",
    "interleaved_prepared",
    "require_close",
]


class WrongAnswer(Exception):
    """Ours and the peer's answers differ."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure."""

    threads: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a benchmark; ``ratio`` is peer over ours, ``floor_ratio`` ours over floor."""

    bench: str
    ours_s: float
    peer: str | None = None
    peer_s: float | None = None
    floor: str | None = None
    floor_s: float | None = None
    peak_mb: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The row with its ratios, numbers rounded to four digits."""
        fields = asdict(self)
        ratio = None if self.peer_s is None else self.peer_s / self.ours_s
        floor_ratio = None if self.floor_s is None else self.ours_s / self.floor_s
        order = ("bench", "ours_s", "peer", "peer_s", "ratio", "floor", "floor_s", "floor_ratio", "peak_mb")
        values = fields | {"ratio": ratio, "floor_ratio": floor_ratio}
        return {name: _rounded(values[name]) for name in order}


def interleaved(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each piece of work; one round of all, not timed, goes first."""
    return interleaved_prepared(repeats, *((None, work) for work in works))


def interleaved_prepared(
    repeats: int, *works: tuple[Callable[[], object] | None, Callable[[], object]]
) -> list[float]:
    """The same with something to do before each piece of work that is not timed."""
    times: list[list[float]] = [[] for _ in works]
    for round_ in range(repeats + 1):
        for (prepare, work), seconds in zip(works, times, strict=True):
            if prepare is not None:
                prepare()
            start = time.perf_counter()
            work()
            if round_:
                seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds) for seconds in times]


def in_a_fresh_process(code: str, *arguments: object) -> dict[str, Any]:
    """Run Python code that prints one JSON object last; ``peak_mb`` (resident) is added to it."""
    ending = "\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + ending, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ.copy(),
    )
    if done.returncode:
        raise WrongAnswer(f"the child failed: {done.stderr.strip()[-2000:]}")
    *_, answer, peak = done.stdout.strip().splitlines()
    result: dict[str, Any] = json.loads(answer)
    return result | {"peak_mb": int(peak) / (1024.0 if sys.platform != "darwin" else 1024.0**2)}


def require_close(name: str, ours: ArrayLike, theirs: ArrayLike, tolerance: float) -> None:
    """Stop where |ours - theirs| > tolerance·max(1, |theirs|) anywhere."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    off = np.abs(a - b) / np.maximum(1.0, np.abs(b))
    if not (off <= tolerance).all():
        raise WrongAnswer(f"{name}: off by {np.nanmax(off):.2e}, {tolerance:.0e} allowed")


def as_table(rows: list[Row]) -> str:
    """Rows as an aligned text table."""
    if not rows:
        return ""
    dicts = [row.as_dict() for row in rows]
    header = list(dicts[0])
    cells = [header] + [["" if row[name] is None else str(row[name]) for name in header] for row in dicts]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _rounded(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value
