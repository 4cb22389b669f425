"""The guards of CI do go off: a skipped test, a stale document, one machine's paths."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tools import check_client, check_docs

ROOT = Path(__file__).resolve().parents[2]


def pytest_run(folder: Path, source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one file with the plugin."""
    (folder / "test_it.py").write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tools.no_skips",
        "-p",
        "no:django",
        "--rootdir",
        str(folder),
    ]
    return subprocess.run(
        [*command, "-c", "/dev/null", *arguments, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


PASSES = "def test_passes():\n    pass\n"


def test_a_run_without_holes_passes(tmp_path: Path) -> None:
    assert pytest_run(tmp_path, PASSES).returncode == 0


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("import pytest\ndef test_it():\n    pytest.skip('no')\n", "skipped"),
        ("import pytest\npytest.skip('no', allow_module_level=True)\n", "skipped"),
        ("import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False\n", "xfailed"),
        ("import pytest\n@pytest.mark.xfail\ndef test_it():\n    pass\n", "xpassed"),
    ],
)
def test_a_hole_fails_the_run(tmp_path: Path, source: str, outcome: str) -> None:
    (tmp_path / "test_other.py").write_text(PASSES)
    done = pytest_run(tmp_path, source)
    assert done.returncode == 1, done.stdout
    assert f"1 tests {outcome}" in done.stdout


def test_deselecting_fails_the_run(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, PASSES + "def test_other():\n    pass\n", "-k", "passes")
    assert done.returncode == 1
    assert "1 tests deselected" in done.stdout


def vitest(folder: Path, *statuses: str) -> int:
    """The exit code for a report with tests of these statuses."""
    tests = [{"status": status, "fullName": status} for status in statuses]
    report = {"numTotalTests": len(tests), "testResults": [{"name": "a.test.ts", "assertionResults": tests}]}
    file = folder / "vitest.json"
    file.write_text(json.dumps(report))
    done = subprocess.run(
        [sys.executable, "tools/vitest_complete.py", str(file)], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode


def test_vitest_reports_are_read(tmp_path: Path) -> None:
    assert vitest(tmp_path, "passed") == 0
    assert vitest(tmp_path, "passed", "skipped") == 1
    assert vitest(tmp_path, "passed", "todo") == 1
    assert vitest(tmp_path) == 1


def document(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document in a repository of its own."""
    monkeypatch.setattr(check_docs, "ROOT", folder)
    (folder / "Makefile").write_text("run: ## start\n")
    path = folder / "page.md"
    path.write_text(text)
    return path


@pytest.mark.parametrize("link", ["missing.md", "images/missing.png", "page.md#no-such-heading", "#neither"])
def test_links_that_lead_nowhere_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    path = document(tmp_path, f"# A heading, and more\n[words]({link})\n", monkeypatch)
    assert len(list(check_docs.broken_links(path))) == 1


@pytest.mark.parametrize(
    "link", ["page.md", "#a-heading-and-more", "page.md#a-heading-and-more", "https://example.org/x"]
)
def test_links_that_lead_somewhere_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    path = document(tmp_path, f"# A heading, and more\n[words]({link})\n", monkeypatch)
    assert not list(check_docs.broken_links(path))


def test_commands_that_do_not_exist_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Type `make run`, `make coffee` or `TITAN_PORT=1 make run`.\n```sh\nmake tea\n```\nThen `titan fly`.\n"
    path = document(tmp_path, text, monkeypatch)
    assert [line.split("`")[1] for line in check_docs.unknown_commands(path)] == [
        "make coffee",
        "make tea",
        "titan fly",
    ]


@pytest.mark.parametrize(
    "text", ["/ho" + "me/someone/x", "/ro" + "ot/x", "https://registry.np" + "mjs.org/x"]
)
def test_names_of_one_machine_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = document(tmp_path, f"fine\n{text}\n", monkeypatch)
    assert len(list(check_docs.machine_names(path))) == 1


def test_a_client_that_differs_is_stale(tmp_path: Path) -> None:
    committed, fresh = tmp_path / "committed", tmp_path / "fresh"
    for folder in (committed, fresh):
        folder.mkdir()
        (folder / "same.ts").write_text("same")
        (folder / "changed.ts").write_text(folder.name)
    (committed / "gone.ts").touch()
    (fresh / "new.ts").touch()
    assert check_client.differences(committed, fresh) == ["changed.ts", "gone.ts", "new.ts"]


def test_every_dependency_has_an_exact_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    names = {re.split(r"[\[<>=~!; ]", line)[0] for line in wanted} - {project["name"]}
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    pinned = {canonicalize_name(pin.partition("==")[0]) for pin in pins}
    assert {canonicalize_name(name) for name in names} <= pinned
