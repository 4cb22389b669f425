"""Run every test: each folder of ``tests`` and Vitest, several at a time; or those on TimescaleDB and Redis.

    TITAN_STRICT=1      nothing may be left out: no Chromium, no PostgreSQL, a skip or an expected failure is a failure
    TITAN_TEST_LANES=2  how many at a time; as many as the machine has processors unless told
    python tools/run_tests.py core web        only these
    python tools/run_tests.py --on-services   tests/production, and the suites of web, jobs, sockets and the store
                                              again, on TimescaleDB and Redis (make test-services)

What each printed is in test-results/NAME.log; of one that failed it is printed here too.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.services import ServicesMissing, servers  # noqa: E402 - run as a script, the folder above must be known

RESULTS = ROOT / "test-results"
PYTEST = (str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest", "--durations=8")
# The longest first, so that the last to end ends soon after the others; a folder not named here goes before them.
LONGEST_FIRST = (
    *("e2e", "services", "web", "core", "tools", "vitest"),
    *("web-on-services", "production", "faults", "jobs-on-services", "store-on-services"),
)
ON_SERVICES = {"production"}  # folders whose tests have no other place
NEWS_SECONDS = 30.0


@dataclass(frozen=True)
class Suite:
    """Tests that run in one process of their own."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return RESULTS / f"{self.name}.log"


@dataclass(frozen=True)
class Outcome:
    """How a suite ended."""

    suite: Suite
    code: int
    seconds: float

    @property
    def words(self) -> str:
        """The last line that counts tests."""
        lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in self.suite.log.read_text().splitlines()]
        counts = [line.strip(" =") for line in lines if re.search(r"\d+ (passed|failed|error)", line)]
        return counts[-1] if counts else "no test was counted"


def main(chosen: list[str]) -> int:
    """Run the suites named, or all; 0 when everything that had to pass has."""
    strict = os.environ.get("TITAN_STRICT") == "1"
    if "--on-services" in chosen:
        return on_services([name for name in chosen if name != "--on-services"], strict=strict)
    chromium, postgres = tool("find_chromium.sh"), tool("find_postgres.sh")
    suites = all_suites(strict=strict, chromium=chromium, postgres=postgres)
    if not all_known(chosen, suites):
        return 2
    RESULTS.mkdir(exist_ok=True)
    outcomes = run([suite for suite in suites if not chosen or suite.name in chosen])
    failed = [outcome.suite.name for outcome in outcomes if outcome.code]
    if strict:
        failed += [
            name for name, found in (("no-chromium", chromium), ("no-postgresql", postgres)) if not found
        ]
    return report(failed, chromium=chromium, postgres=postgres)


def all_suites(*, strict: bool, chromium: str, postgres: str) -> list[Suite]:
    """One suite a folder that holds tests, found by looking, and what is not a folder."""
    absent = [mark for mark, found in (("browser", chromium), ("postgres", postgres)) if not found]
    options = ("-m", " and ".join(f"not {mark}" for mark in absent)) if absent else ()
    if strict:
        options = ("-p", "tools.no_skips", *options)
    environment = {"TITAN_CHROMIUM": chromium} if chromium else {}
    folders = sorted({path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")})
    suites = [
        Suite(name, (*PYTEST, *options, f"tests/{name}"), environment=environment)
        for name in folders
        if (chromium or name != "e2e") and name not in ON_SERVICES
    ]
    vitest = ("sh", str(ROOT / "tools" / "run_vitest.sh"), str(RESULTS / "vitest.json"))
    suites.append(Suite("vitest", vitest, folder=ROOT / "frontend" / "react_app"))
    return longest_first(suites)


def service_suites(*, strict: bool) -> list[Suite]:
    """The suites on TimescaleDB and Redis; each gets servers of its own, so that none waits for another's data."""
    beside = (str(ROOT / ".venv" / "bin" / "python"), "-m", "tools.services", "run", "--", *PYTEST)
    options = ("-p", "tools.no_skips") if strict else ()
    there = {"TITAN_TEST_DATABASE": "timescale"}
    again = {
        "web-on-services": ["tests/web"],
        "jobs-on-services": ["tests/services"],
        "store-on-services": files("core", "test_store*.py"),
    }
    suites = [Suite(name, (*beside, *options, *paths), environment=there) for name, paths in again.items()]
    # what kills its servers starts its own, and would keep the others waiting
    faults = files("production", "test_faults_*.py")
    calm = [path for path in files("production", "test_*.py") if path not in faults]
    suites += [
        Suite(name, (*beside, *options, *paths)) for name, paths in (("faults", faults), ("production", calm))
    ]
    return longest_first(suites)


def files(folder: str, pattern: str) -> list[str]:
    """Test files of a folder, from the repository's root."""
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests" / folder).glob(pattern))]


def longest_first(suites: list[Suite]) -> list[Suite]:
    """In the order they are begun."""
    return sorted(
        suites, key=lambda suite: LONGEST_FIRST.index(suite.name) if suite.name in LONGEST_FIRST else -1
    )


def all_known(chosen: list[str], suites: list[Suite]) -> bool:
    """Whether every name is one of a suite; says so where it is not."""
    unknown = set(chosen) - {suite.name for suite in suites}
    if unknown:
        print(f"no such tests: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in suites)}")
    return not unknown


def on_services(chosen: list[str], *, strict: bool) -> int:
    """Run the suites on TimescaleDB and Redis; what they need is made before any of them begins."""
    suites = service_suites(strict=strict)
    if not all_known(chosen, suites):
        return 2
    try:
        with servers():
            pass
    except ServicesMissing as error:
        print(f"!! THE TESTS ON TIMESCALEDB AND REDIS CAN'T RUN: {error}")
        return 1
    RESULTS.mkdir(exist_ok=True)
    outcomes = run([suite for suite in suites if not chosen or suite.name in chosen])
    failed = [outcome.suite.name for outcome in outcomes if outcome.code]
    print(f"\nFAILED: {' '.join(failed)}" if failed else "\nPassed on TimescaleDB and Redis.")
    return 1 if failed else 0


def run(suites: list[Suite]) -> list[Outcome]:
    """All suites, so many at a time; tells of each as it ends, and now and then of those that run."""
    lanes = int(os.environ.get("TITAN_TEST_LANES") or os.cpu_count() or 2)
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(max(1, lanes)) as pool:
        pending: set[Future[Outcome]] = {pool.submit(run_one, suite) for suite in suites}
        while pending:
            done, pending = wait(pending, timeout=NEWS_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                outcomes.append(future.result())
                tell(outcomes[-1])
            if not done:
                ended = {outcome.suite.name for outcome in outcomes}
                print(
                    "  …",
                    ", ".join(how_far(suite) for suite in suites if suite.name not in ended),
                    flush=True,
                )
    return outcomes


def run_one(suite: Suite) -> Outcome:
    """One suite, its output in its log."""
    started = time.monotonic()
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | suite.environment
    with suite.log.open("w") as log:
        ended = subprocess.run(
            suite.command,
            cwd=suite.folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return Outcome(suite, ended.returncode, time.monotonic() - started)


def tell(outcome: Outcome) -> None:
    """One line for a suite that passed, its whole log for one that failed."""
    state = "FAILED" if outcome.code else "ok"
    print(f"{state:>6}  {outcome.suite.name:<18} {outcome.seconds:5.0f} s  {outcome.words}", flush=True)
    if outcome.code:
        print(outcome.suite.log.read_text(), flush=True)


def how_far(suite: Suite) -> str:
    """The suite and the share of it that has run, where its log tells."""
    text = suite.log.read_text() if suite.log.exists() else ""
    shares = re.findall(r"\[ *(\d+)%\]", text[-4000:])
    return f"{suite.name} {shares[-1]} %" if shares else suite.name


def report(failed: list[str], *, chromium: str, postgres: str) -> int:
    """The last lines: what was left out, and whether everything passed."""
    print()
    if not chromium:
        print(
            "!! NO CHROMIUM FOUND: the browser tests in tests/e2e were LEFT OUT. Install it, on Debian with"
        )
        print(
            "!! apt-get install chromium, or set TITAN_CHROMIUM to a Chromium or Chrome, and run make test again."
        )
    if not postgres:
        print(
            "!! NO POSTGRESQL FOUND: the tests of bars on PostgreSQL were LEFT OUT. Install its server programs,"
        )
        print("!! on Debian with apt-get install postgresql, or set TITAN_TEST_POSTGRES_BIN to their folder.")
    if failed:
        print(f"FAILED: {' '.join(failed)}")
        return 1
    absent = [
        words
        for words, found in (("the browser tests", chromium), ("the tests on PostgreSQL", postgres))
        if not found
    ]
    if absent:
        print(f"Passed, without {' and '.join(absent)}.")
    else:
        print("Passed, tests in the browser and on PostgreSQL included.")
    return 0


def tool(script: str) -> str:
    """What one of the finding scripts prints; empty where it finds nothing."""
    found = subprocess.run([ROOT / "tools" / script], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
