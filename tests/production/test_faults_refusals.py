"""Production refuses what must never serve strangers: the real commands, each with one thing wrong, and says which."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.production.processes import ROOT

GOOD = {
    "TITAN_SECRET_KEY": "k7Qw2-Zr9xT4_mB6vN8pL3sD5fG1hJ0yXcVaEuRi" * 2,
    "TITAN_DATABASE_URL": "postgresql://titan:x@127.0.0.1:1/titan",
    "TITAN_TIMESCALE_URL": "postgresql://titan:x@127.0.0.1:1/bars",
    "TITAN_REDIS_URL": "redis://127.0.0.1:1/0",
    "TITAN_ALLOWED_HOSTS": "titan.example.org",
}
WRONG = {
    "no secret": ({"TITAN_SECRET_KEY": ""}, ["TITAN_SECRET_KEY"]),
    "default secret": (
        {"TITAN_SECRET_KEY": "django-insecure-" + "k7Qw2Zr9xT4mB6vN" * 4},
        ["TITAN_SECRET_KEY"],
    ),
    "placeholder": ({"TITAN_SECRET_KEY": "changeme" * 8}, ["TITAN_SECRET_KEY"]),
    "short secret": ({"TITAN_SECRET_KEY": "k7Qw2Zr9xT4mB6vN8pL3sD5fG1hJ0yXcVaEuRi"}, ["TITAN_SECRET_KEY"]),
    "debug": ({"TITAN_DEBUG": "1"}, ["TITAN_DEBUG"]),
    "sqlite": ({"TITAN_DATABASE_URL": "sqlite:////tmp/x"}, ["TITAN_DATABASE_URL", "SQLite"]),
    "sqlite bars": ({"TITAN_TIMESCALE_URL": "sqlite:////tmp/x"}, ["TITAN_TIMESCALE_URL", "SQLite"]),
    "no database": ({"TITAN_DATABASE_URL": ""}, ["TITAN_DATABASE_URL"]),
    "no redis": ({"TITAN_REDIS_URL": ""}, ["TITAN_REDIS_URL"]),
    "open redis": ({"TITAN_REDIS_URL": "redis://redis.example.org:6379/0"}, ["TITAN_REDIS_URL", "password"]),
    "any host": ({"TITAN_ALLOWED_HOSTS": "titan.example.org,*"}, ["TITAN_ALLOWED_HOSTS", "'*'"]),
    "every host": ({"TITAN_ALLOWED_HOSTS": "."}, ["TITAN_ALLOWED_HOSTS"]),
    "no host": ({"TITAN_ALLOWED_HOSTS": ""}, ["TITAN_ALLOWED_HOSTS"]),
}
EVERYTHING = {
    "TITAN_SECRET_KEY": "",
    "TITAN_DEBUG": "1",
    "TITAN_DATABASE_URL": "",
    "TITAN_ALLOWED_HOSTS": "*",
}


def start(home: Path, command: str, variables: dict[str, str]) -> subprocess.Popen[str]:
    """The command as a supervisor starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "titan", command],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TITAN_HOME": str(home), "PYTHONPATH": str(ROOT)} | GOOD | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def refusal(process: subprocess.Popen[str]) -> str:
    """What it says when it gives up; it must."""
    said, _ = process.communicate(timeout=60)
    assert process.returncode not in {0, None}, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_by_name_and_nothing_else_is(tmp_path: Path, name: str) -> None:
    variables, words = WRONG[name]
    said = refusal(start(tmp_path, "web", variables))
    assert all(word in said for word in words), said
    assert not [other for other in set(GOOD) - set(variables) if f"{other} " in said], said
    assert not any(value in said for value in variables.values() if len(value) > 20)  # no secret is repeated


def test_every_command_of_production_refuses_and_says_all_at_once(tmp_path: Path) -> None:
    started = [start(tmp_path, command, EVERYTHING) for command in ("web", "worker", "beat")]
    for process in started:
        said = refusal(process)
        assert all(variable in said for variable in EVERYTHING), said
