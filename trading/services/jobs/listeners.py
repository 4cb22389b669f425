"""Who is told of jobs' ends, in the transaction that ends them, and who has chores to do by the clock.

They are named by path: the job service imports no other service, and whichever process ends a job finds them.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from trading.models.jobs import Job

__all__ = ["do_chores", "tell_ended", "tell_forgotten"]

logger = logging.getLogger(__name__)

_ENDED = ("trading.services.alerts.job_ends.job_ended", "trading.services.signals.triggers.job_ended")
_CHORES = ("trading.services.alerts.chores.send_waiting",)
_FORGOTTEN_FOR = timedelta(hours=1)  # longer ago, and what failed to judge a job would fail again
_AT_ONCE = 100


def tell_ended(job: Job) -> None:
    """Tell the listeners that `job` has ended, at most once; call it inside the transaction that ends it.

    One that fails is logged and undone, never the job's end; `tell_forgotten` tries again.
    """
    try:
        with transaction.atomic():
            if Job.objects.filter(pk=job.pk, alerted_at=None).update(alerted_at=timezone.now()):
                for path in _ENDED:
                    import_string(path)(job)
    except Exception:
        logger.exception("the end of job %s could not be told; it will be tried again", job.pk)


def tell_forgotten(now: datetime) -> int:
    """Tell of the ends that could not be told when they came; returns how many."""
    ended = Job.objects.filter(alerted_at=None, finished_at__gt=now - _FORGOTTEN_FOR).order_by("pk")
    jobs = list(ended[:_AT_ONCE])
    for job in jobs:
        with transaction.atomic():
            tell_ended(job)
    return len(jobs)


def do_chores(now: datetime) -> None:
    """Everything that is due by the clock and is no job of a day's."""
    tell_forgotten(now)
    for path in _CHORES:
        try:
            import_string(path)(now)
        except Exception:
            logger.exception("a chore failed (%s); it will be tried again", path)
