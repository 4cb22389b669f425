"""``titan beat``: the clock. What is due is done here, in this process, and what it finds to do is written in rows.

A sweep that waited in a queue behind an hour of backtests would be none. Two beats at once do no harm: a message
sent twice finds nothing to claim, and a day's job has a unique key.
"""

from datetime import timedelta
from typing import Any

from celery import signals
from celery.beat import Scheduler
from django.db import close_old_connections

from trading.runtime.workers import celery_app, leave_logging

__all__ = ["HereScheduler", "beat"]


class HereScheduler(Scheduler):  # type: ignore[misc]  # celery is untyped
    """Celery's scheduler without a file beside it, and without messages."""

    max_interval = 5
    producer = None  # Celery's would wait for the broker, for ever; nothing is sent from here

    def setup_schedule(self) -> None:
        """Take the entries of the settings; each is due at once, for when it last ran is not kept."""
        self.merge_inplace(self.app.conf.beat_schedule)
        for entry in self.schedule.values():
            entry.last_run_at -= timedelta(days=1)

    def apply_async(self, entry: Any, producer: Any = None, *, advance: bool = True, **_: Any) -> None:
        """Do what is due; a fault is logged, and the next time is soon."""
        close_old_connections()  # as between requests: one that the server has dropped is not used again
        try:
            self.app.tasks[entry.task].apply(throw=True)
        finally:
            close_old_connections()


def beat() -> None:
    """Keep time until told to stop."""
    signals.setup_logging.connect(leave_logging, weak=False)
    celery_app().Beat(scheduler_cls=HereScheduler, quiet=True, redirect_stdouts=False).run()
