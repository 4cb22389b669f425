"""Everything `make check` promises, several steps at a time; a step's output is shown only if it fails.

`python tools/check.py NAME...` runs the named steps alone.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SPA = ROOT / "frontend" / "react_app"
TITAN = str(BIN / "titan")

# What production must be told. Throw-away values: nothing connects to these addresses.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "titan.settings.production",
    "TITAN_SECRET_KEY": "check-deploy-only-" + "k7Qw2-Zr9xT4_mB6vN8pL3sD5fG1hJ0yXcVaEuRi" * 2,
    "TITAN_DATABASE_URL": "postgres://titan:check@127.0.0.1:5432/titan",
    "TITAN_TIMESCALE_URL": "postgres://titan:check@127.0.0.1:5432/titan_timescale",
    "TITAN_REDIS_URL": "redis://127.0.0.1:6379/0",
    "TITAN_ALLOWED_HOSTS": "titan.example.org",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command that must exit 0."""

    name: str
    command: Sequence[str]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step said, and how long it took."""

    step: Step
    passed: bool
    seconds: float
    output: str

    @property
    def verdict(self) -> str:
        """The result in a word."""
        return "ok" if self.passed else "FAILED"


STEPS = (
    Step("mypy", [str(BIN / "mypy")]),
    Step("eslint", ["npm", "run", "--silent", "lint"], SPA),
    Step("tsc", ["npm", "run", "--silent", "typecheck"], SPA),
    Step("client", [sys.executable, "tools/check_client.py"]),
    Step("reference", [sys.executable, "tools/reference.py"]),
    Step("size", ["npm", "run", "--silent", "size"], SPA),
    Step("imports", [str(BIN / "lint-imports"), "--no-cache"]),
    Step("migrations", [TITAN, "makemigrations", "--check", "--dry-run"]),
    Step("deploy", [TITAN, "check", "--deploy", "--fail-level", "WARNING"], environment=PRODUCTION),
    Step("deployment", [sys.executable, "tools/check_deploy.py"]),
    Step("ruff", [str(BIN / "ruff"), "check", "--output-format", "concise", "."]),
    Step("format", [str(BIN / "ruff"), "format", "--check", "--output-format", "concise", "."]),
    Step("docs", [sys.executable, "tools/check_docs.py"]),
)


def run(step: Step) -> Outcome:
    """Run one step to its end and keep what it printed."""
    began = time.perf_counter()
    done = subprocess.run(
        step.command,
        cwd=step.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | step.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(step, done.returncode == 0, time.perf_counter() - began, done.stdout + done.stderr)


def main() -> int:
    """Run the steps, print a line for each as it ends, and at last what the failed ones said."""
    wanted = sys.argv[1:]
    unknown = set(wanted) - {step.name for step in STEPS}
    if unknown:
        print(
            f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in STEPS)}",
            file=sys.stderr,
        )
        return 2
    failed = []
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for outcome in pool.map(run, [step for step in STEPS if not wanted or step.name in wanted]):
            print(
                f"  {outcome.step.name:<11} {outcome.verdict:<7} {outcome.seconds:5.1f} s",
                flush=True,
            )
            if not outcome.passed:
                failed.append(outcome)
    for outcome in failed:
        print(f"\n--- {outcome.step.name}: {' '.join(outcome.step.command)}\n{outcome.output.rstrip()}")
    print(f"\n{len(failed)} of the checks failed" if failed else "\nAll checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
