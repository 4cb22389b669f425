"""What a running backtest says before it has a result: ``backtest_progress`` on its job's stream."""

from typing import Any

import numpy as np

from common import events
from titan_core.types import Float1D
from trading.models import Job
from trading.utils import as_datetime, finite_or_none

__all__ = ["MAX_POINTS", "partial_equity", "window_done"]

MAX_POINTS = 200


def partial_equity(job: Job, timestamps: Any, equity: Float1D) -> None:
    """The account so far, in at most `MAX_POINTS` points, the newest among them."""
    n = len(equity)
    if n == 0:
        return
    at = np.unique(np.linspace(0, n - 1, min(n, MAX_POINTS)).round().astype(np.int64))
    events.publish(
        job.group,
        "backtest_progress",
        {
            "timestamps": [as_datetime(timestamps[i]) for i in at],
            "equity": [finite_or_none(float(equity[i])) for i in at],
        },
    )


def window_done(
    job: Job,
    *,
    window: int,
    n_windows: int,
    in_sample_sharpe: float | None,
    out_of_sample_sharpe: float | None,
) -> None:
    """A window that has just ended, counted from 1; annual Sharpe ratios, None where nothing moved."""
    events.publish(
        job.group,
        "backtest_progress",
        {
            "window": window,
            "n_windows": n_windows,
            "in_sample_sharpe": in_sample_sharpe,
            "out_of_sample_sharpe": out_of_sample_sharpe,
        },
    )
