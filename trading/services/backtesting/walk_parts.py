"""A walk-forward in parts: every window's training is scanned by itself, so all workers scan some.

What is swept and traded in a window depends on the money the windows before it left, so that goes window by window, on
the walk-forward's own worker, while others scan ahead.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from titan_core.backtesting import Plan
from titan_core.backtesting.walk_forward import Chosen, Window, choose_window
from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable
from trading.models import Job, WalkForwardRun
from trading.services.backtesting.kept_bars import bars_of
from trading.services.backtesting.walk_plan import plan_of
from trading.services.jobs.parts import Parts, Step, crew_size, threads, works, worth_parts
from trading.services.jobs.queues import queue_of
from trading.services.jobs.report import Report

__all__ = ["choices_in_parts"]

_CHOICE = "walk_forward.choice"
_PAIR_BARS_A_SECOND = 3.0e8


def choices_in_parts(
    bars: BarPanel, name: str, plan: Plan, report: Report, tell: Callable[[float], None], *, first: int
) -> Callable[[Window], Chosen] | None:
    """What `walk_forward` asks for each window's choice from number `first` on; None where it had better scan itself.

    `name` is the hash of the bars; `tell` is called with the share of all scans that is done.
    """
    windows = plan.schedule.windows(bars.n_bars)
    parts = Parts(report)
    crew = 2 if parts.exist else crew_size(queue_of(report.job.kind))
    sizes = _sizes(bars, windows)
    if len(windows) - first < 2 or not worth_parts(sum(sizes) / _PAIR_BARS_A_SECOND, crew=crew):
        return None
    parts.cut(_CHOICE, [{"bars": name, "window": window.index} for window in windows], sizes)
    results = parts.gather(_CHOICE, tell, first=first)
    return lambda window: Chosen.from_dict(orjson.loads(next(results)))


def _sizes(bars: BarPanel, windows: Sequence[Window]) -> list[float]:
    """Pairs times bars of each window's training."""
    n_pairs = bars.n_symbols * (bars.n_symbols - 1) / 2
    return [n_pairs * (window.train_end - window.train_first) for window in windows]


@works(_CHOICE)
def choose(job: Job, payload: Mapping[str, Any], step: Step) -> bytes:
    """Scan the training of one window."""
    run = WalkForwardRun.objects.filter(pk=job.subject_id or 0).first()
    if run is None:
        raise DataUnavailable("The walk-forward of this job was deleted; nothing is left to do.")
    bars, plan = _bars(payload["bars"]), plan_of(run)
    window = plan.schedule.windows(bars.n_bars)[payload["window"]]
    found = choose_window(
        bars, plan, window, progress=step, should_stop=step.should_stop, n_threads=threads()
    )
    return orjson.dumps(found.as_dict())


@lru_cache(maxsize=1)
def _bars(name: str) -> BarPanel:
    """The bars of a run, of which a process does several windows in turn."""
    return bars_of(name)
