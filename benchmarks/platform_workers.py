"""A big scan on one worker process and on two, through the service, Celery, PostgreSQL and Redis.

Each worker computes with one thread, so that the second one brings as much as the first and nothing else changes. The
answers of both must be the same bits before their times mean anything; rounds alternate, so that a busy machine slows
both alike. Times are a job's own: from the claim to the end.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import Options, Row, WrongAnswer
from tools.services import RedisServer, TimescaleServer

__all__ = ["rows"]

N_SYMBOLS = int(os.environ.get("TITAN_BENCH_PLATFORM_SYMBOLS", "1000"))
N_BARS = 2_520
DRAWS = 8  # of the scan's own null
MOST_ROUNDS = 3
_ROOT = Path(__file__).resolve().parents[1]
_WAIT_SECONDS = 1800


def rows(options: Options) -> Iterator[Row]:
    """One row: two workers against one."""
    with ExitStack() as stack:
        timescale = stack.enter_context(TimescaleServer())
        redis = stack.enter_context(RedisServer())
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="titan-bench-"))
        environment = _environment(timescale, redis, home)
        _titan(environment, "migrate")
        _scan(environment, "fill", N_SYMBOLS, N_BARS)
        times: dict[int, list[float]] = {1: [], 2: []}
        answers: set[str] = set()
        for round_ in range(min(options.repeats, MOST_ROUNDS) + 1):
            for n, taken in times.items():
                with _workers(environment, n):
                    found = _scan(environment, "scan", n, DRAWS if round_ else 1)
                if round_:  # the first, smaller, compiles and fills caches
                    taken.append(found["seconds"])
                    answers.add(json.dumps(found["answer"], sort_keys=True))
        if len(answers) != 1:
            raise WrongAnswer(f"one worker and two do not agree: {answers}")
    yield Row(
        bench=f"scan of {N_SYMBOLS:,} symbols with {DRAWS} draws of its null, two workers",
        ours_s=statistics.median(times[2]),
        peer="one worker",
        peer_s=statistics.median(times[1]),
    )


def _environment(timescale: TimescaleServer, redis: RedisServer, home: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))}
    return clean | {
        "DJANGO_SETTINGS_MODULE": "titan.settings.production",
        "PYTHONPATH": str(_ROOT),
        "TITAN_HOME": home,
        "TITAN_SECRET_KEY": "benchmark-"
        + "".join(chr(33 + (7 * i) % 90) for i in range(80)).replace("%", "_"),
        "TITAN_DATABASE_URL": timescale.create_database("titan"),
        "TITAN_TIMESCALE_URL": timescale.create_database("bars"),
        "TITAN_REDIS_URL": redis.url,
        "TITAN_ALLOWED_HOSTS": "127.0.0.1",
        "TITAN_WORKER_THREADS": "1",
    }


def _titan(environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "titan", *arguments],
        cwd=_ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WrongAnswer(f"titan {arguments[0]} failed: {done.stderr[-2000:]}")


def _scan(environment: Mapping[str, str], *arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.platform_scan", *map(str, arguments)],
        cwd=_ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=_WAIT_SECONDS,
    )
    if done.returncode:
        raise WrongAnswer(f"the scan failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@contextmanager
def _workers(environment: Mapping[str, str], n: int) -> Iterator[None]:
    """So many `titan worker`s of one process, and the clock."""
    commands = [("worker", "--queues", "compute", "--processes", "1")] * n + [("beat",)]
    log = Path(environment["TITAN_HOME"]) / "processes.log"
    with log.open("ab") as file:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "titan", *command],
                cwd=_ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            for command in commands
        ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        deadline = time.monotonic() + 40
        for process in running:
            process.wait(max(0.1, deadline - time.monotonic()))
