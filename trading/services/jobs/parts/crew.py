"""Who could help: workers alive on a queue, and how many threads each may take of its machine."""

import os
import socket
from datetime import timedelta

from trading.models.workers import Worker
from trading.services.jobs import conf, leases
from trading.services.jobs.queues import COMPUTE
from trading.services.jobs.workers import serving

__all__ = ["crew_size", "limit_blas", "threads"]

_UP = timedelta(seconds=20)


def crew_size(queue: str) -> int:
    """Workers alive that serve `queue`, whoever asks among them."""
    return max(1, serving(leases.now())[queue])


def threads() -> int:
    """Threads one job or part may use: this process's cores, shared by the workers of its machine that compute.

    ``TITAN_WORKER_THREADS`` says it outright. Results do not depend on it.
    """
    chosen = conf.worker_threads()
    return chosen or max(1, _cores() // max(1, _neighbours()))


def limit_blas(processes: int) -> None:
    """Have BLAS of this process, one of so many beside each other, use its share of the cores."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=conf.worker_threads() or max(1, _cores() // processes), user_api="blas")


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _neighbours() -> int:
    """Workers of this machine, oneself among them, that take computing jobs."""
    here = Worker.objects.filter(host=socket.gethostname()[:100], seen_at__gte=leases.now() - _UP)
    return sum(COMPUTE in queues for queues in here.values_list("queues", flat=True))
