"""Redis killed and restarted under load: servers answer, workers consume again within half a minute, no job is lost."""

import random
import threading
import time

import httpx
from django.db import connections

from tests.production.ends import the_result_of
from tests.production.processes import PROXY
from tests.production.stack import Stack
from tests.services.processes import ROUNDS, wait_for, wait_for_status
from trading.models import Job, JobStatus
from trading.services.jobs import JobService
from users.models import User

SERVICE = JobService()
BACK_SECONDS = 30.0


class Load:
    """Someone who keeps asking for jobs, whatever happens to Redis."""

    def __init__(self, owner: User) -> None:
        self._owner = owner
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.jobs: list[int] = []
        self.slowest = 0.0

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            began = time.monotonic()
            self.jobs.append(SERVICE.enqueue_sync(kind="test_method", owner=self._owner).pk)
            self.slowest = max(self.slowest, time.monotonic() - began)
        connections.close_all()


def test_redis_killed_and_restarted_under_load(servers: Stack, owner: User) -> None:
    [web] = servers.web()
    servers.worker(n=2)
    servers.beat()
    chance = random.Random(9)
    with Load(owner) as load:
        slow = SERVICE.enqueue_sync(kind="test_slow", owner=owner)
        wait_for(lambda: Job.objects.filter(pk__in=load.jobs, status=JobStatus.COMPLETED).exists())
        for _ in range(ROUNDS):
            servers.redis.kill()
            time.sleep(chance.uniform(0.0, 4.0))
            assert httpx.get(f"{web.url}/api/v1/auth/me/", headers=PROXY, timeout=10).status_code == 401
            servers.redis.start()
            back = time.monotonic()
            fresh = SERVICE.enqueue_sync(kind="test_method", owner=owner)
            wait_for_status(fresh, JobStatus.COMPLETED, seconds=BACK_SECONDS)
            assert time.monotonic() - back < BACK_SECONDS
            time.sleep(chance.uniform(0.0, 1.0))
    assert load.slowest < 5.0, "somebody who asked for a job was made to wait for Redis"
    wait_for(
        lambda: not Job.objects.filter(pk__in=load.jobs).exclude(status=JobStatus.COMPLETED).exists(),
        seconds=60,
        what="the end of every job",
    )
    assert Job.objects.filter(pk__in=load.jobs).count() == len(load.jobs) > ROUNDS
    wait_for_status(slow, JobStatus.COMPLETED)
    the_result_of(slow)
