"""`make test` forgets no folder, and one failing suite makes the whole red and shows why."""

import sys
from pathlib import Path

import pytest

from tools import run_tests
from tools.run_tests import Suite
from tools.services import ServicesMissing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs of the suites tried here stay apart from those of the run this is part of."""
    monkeypatch.setattr(run_tests, "RESULTS", tmp_path)


def suite(name: str, code: str) -> Suite:
    return Suite(name, (sys.executable, "-c", code))


def test_every_folder_with_tests_is_run() -> None:
    plain = {found.name for found in run_tests.all_suites(strict=True, chromium="/x", postgres="/y")}
    served = {found.name for found in run_tests.service_suites(strict=True)}
    folders = {path.parent.name for path in ROOT.glob("tests/*/test_*.py")}
    assert plain == folders - {"production"} | {"vitest"}
    assert served == {"production", "faults", "web-on-services", "jobs-on-services", "store-on-services"}
    paths = {path for suite in run_tests.service_suites(strict=True) for path in suite.command}
    assert {"tests/web", "tests/services", "tests/core/test_store.py"} <= paths
    assert {f"tests/production/{path.name}" for path in ROOT.glob("tests/production/test_*.py")} <= paths


def test_on_services_every_suite_has_servers_of_its_own_and_no_holes() -> None:
    for found in run_tests.service_suites(strict=True):
        assert "tools.services run --" in " ".join(found.command)
        assert "tools.no_skips" in found.command


def test_services_that_cannot_be_had_fail_the_run_in_words(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ServicesMissing("debootstrap is missing: apt-get install debootstrap")

    monkeypatch.setattr(run_tests, "servers", missing)
    assert run_tests.main(["--on-services"]) == 1
    assert "apt-get install debootstrap" in capfd.readouterr().out
    assert run_tests.main(["--on-services", "prod"]) == 2
    assert "no such tests: prod; there are web-on-services" in capfd.readouterr().out


def test_what_the_machine_lacks_is_left_out_by_name() -> None:
    suites = {found.name: found for found in run_tests.all_suites(strict=False, chromium="", postgres="")}
    assert "e2e" not in suites
    assert "not browser and not postgres" in suites["core"].command


def test_a_suite_that_fails_is_told_with_its_output(capfd: pytest.CaptureFixture[str]) -> None:
    outcomes = run_tests.run(
        [
            suite("good", "print('== 3 passed in 1 s ==')"),
            suite("bad", "print('the reason'); print('== 1 failed, 2 passed ==\\n'); raise SystemExit(1)"),
        ]
    )
    assert {outcome.suite.name: outcome.code for outcome in outcomes} == {"good": 0, "bad": 1}
    told = capfd.readouterr().out
    assert "3 passed in 1 s" in told
    assert "the reason" in told


def test_a_failure_or_a_missing_part_is_the_last_word(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_tests.report(["web"], chromium="/x", postgres="/y") == 1
    assert capfd.readouterr().out.splitlines()[-1] == "FAILED: web"
    assert run_tests.report([], chromium="", postgres="/y") == 0
    told = capfd.readouterr().out
    assert "LEFT OUT" in told
    assert told.splitlines()[-1] == "Passed, without the browser tests."


def test_a_name_that_is_no_suite_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_tests.main(["cores"]) == 2
    assert "core" in capfd.readouterr().out
