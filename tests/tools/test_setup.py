"""Set-up says in words what is missing, believes no half-made thing, and does nothing the second time."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# this run may itself be make's child: its flags and its jobs are not for the make under test
OUTSIDE = {
    name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
}


def run(*command: str, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script; `path` is put in front of PATH."""
    env = OUTSIDE | environment
    if path is not None:
        env["PATH"] = f"{path}{os.pathsep}{env['PATH']}"
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def program(folder: Path, name: str, body: str) -> None:
    """A program that does as told."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def test_the_python_that_runs_this_is_found_when_named() -> None:
    found = run("tools/find_python.sh", PYTHON=sys.executable)
    assert found.stdout.strip() == sys.executable


def test_a_python_that_is_too_old_is_refused_by_name(tmp_path: Path) -> None:
    program(tmp_path, "python3.10", "echo 310")
    refused = run("tools/find_python.sh", PYTHON=str(tmp_path / "python3.10"))
    assert refused.returncode == 1
    assert "3.11" in refused.stderr
    assert "python3.10" in refused.stderr


def test_names_on_the_path_that_do_not_run_are_passed_over(tmp_path: Path) -> None:
    for name in ("python3", "python3.13", "python3.12", "python"):
        program(tmp_path, name, "echo 'version manager: not installed' >&2; exit 127")
    program(tmp_path, "python3.11", f'exec "{sys.executable}" "$@"')
    found = run("tools/find_python.sh", path=tmp_path, PYTHON="")
    assert found.stdout.strip() == "python3.11"


def test_no_python_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python"):
        program(tmp_path, name, "exit 127")
    refused = run("tools/find_python.sh", path=tmp_path, PYTHON="")
    assert refused.returncode == 1
    assert "apt-get install" in refused.stderr


@pytest.mark.parametrize("version", ["v18.20.4", "v20.11.1", ""])
def test_an_old_node_is_refused_before_anything_is_downloaded(tmp_path: Path, version: str) -> None:
    program(tmp_path, "node", f"echo {version}" if version else "exit 127")
    refused = run("tools/preflight.sh", path=tmp_path)
    assert refused.returncode == 1
    assert "Node 20.19" in refused.stderr
    assert (version or "none") in refused.stderr


@pytest.mark.parametrize("version", ["v20.19.0", "v22.12.0", "v24.1.0"])
def test_a_new_enough_node_passes(tmp_path: Path, version: str) -> None:
    program(tmp_path, "node", f"echo {version}")
    program(tmp_path, "npm", "exit 0")
    assert run("tools/preflight.sh", path=tmp_path).returncode == 0


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("tools/preflight.sh", "--port", TITAN_PORT=str(port), TITAN_HOST="127.0.0.1")
    assert refused.returncode == 1
    assert str(port) in refused.stderr
    assert f"TITAN_PORT={port + 1}" in refused.stderr


def test_a_port_that_is_no_number_is_refused() -> None:
    refused = run(sys.executable, "tools/port_is_free.py", TITAN_PORT="eight")
    assert refused.returncode == 1
    assert "'eight'" in refused.stderr


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The Makefile and its scripts, with pip, npm and titan replaced by programs that only write down their call."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "frontend/react_app/package.json",
        "titan_core/kernels.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "frontend/react_app/package-lock.json").touch()
    (tmp_path / "frontend/react_app/src").mkdir()
    (tmp_path / "frontend/react_app/src/main.ts").touch()
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    log = tmp_path / "calls"
    log.touch()
    program(
        folder,
        "python",
        f'case "$*" in *"pip install"*) echo "pip $*" >> "{log}"; [ ! -e "{tmp_path}/break" ];;\n'
        f'*warm_up*) echo warm >> "{log}";; esac',
    )
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    program(fakes, "node", "echo v22.12.0")
    program(fakes, "npm", f'echo "npm $*" >> "{log}"')
    return tmp_path


def make(clone: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run make in the clone; its exit code and the calls it made."""
    (clone / "calls").write_text("")
    environment = OUTSIDE | {"PATH": f"{clone / 'fakes'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["make", *arguments], cwd=clone, env=environment, capture_output=True, check=False, timeout=60
    )
    return done.returncode, (clone / "calls").read_text().splitlines()


def test_the_second_set_up_does_nothing(clone: Path) -> None:
    code, first = make(clone, "setup")
    assert code == 0
    assert {call.split()[0] for call in first} == {"pip", "npm", "warm"}
    assert make(clone, "setup") == (0, [])


def test_an_interrupted_set_up_is_taken_up_again(clone: Path) -> None:
    (clone / "break").touch()
    code, _ = make(clone, "setup")
    assert code != 0
    assert not (clone / ".stamps" / "server").exists()
    (clone / "break").unlink()
    code, calls = make(clone, "setup")
    assert code == 0
    assert any(call.startswith("pip") for call in calls)


@pytest.mark.parametrize(
    ("changed", "redone"),
    [
        ("constraints.txt", "pip"),
        ("frontend/react_app/package-lock.json", "npm ci"),
        ("frontend/react_app/src/main.ts", "npm run --silent build"),
        ("titan_core/kernels.py", "warm"),
    ],
)
def test_what_changed_is_done_again(clone: Path, changed: str, redone: str) -> None:
    make(clone, "setup")
    later = (clone / ".stamps" / "kernels").stat().st_mtime + 10
    os.utime(clone / changed, (later, later))
    _, calls = make(clone, "setup")
    assert any(call.startswith(redone) for call in calls), calls


def test_clean_keeps_the_data_and_clean_all_wants_a_person(clone: Path) -> None:
    (clone / "var").mkdir()
    make(clone, "clean")
    assert (clone / "var").exists()
    assert not (clone / ".venv").exists()
    code, _ = make(clone, "clean-all")
    assert code != 0
    assert (clone / "var").exists()


def test_help_names_every_target_of_the_readme() -> None:
    told = run("make", "help").stdout
    for target in ("run", "test", "check", "bench", "clean", "help"):
        assert f"make {target} " in told
