"""The servers of `make test-services`: which mirror is asked, which servers are used, and what is said without them.

The servers themselves are tried where they are needed, in tests/production.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import debian_root
from tools.services import REDIS_VARIABLE, TIMESCALE_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
NAMED = {TIMESCALE_VARIABLE: "postgresql://named@db.test/postgres", REDIS_VARIABLE: "redis://named.test/0"}
SOURCES = """\
Types: deb
# http://commented.test/debian
URIs: http://first.test/mirrors/linux
 http://second.test/debian
Suites: stable

Types: deb
URIs: http://security.test/debian-security
Suites: stable-security

Enabled: no
Types: deb
URIs: http://off.test/debian
"""


def services(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.services", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_servers_that_are_named_are_used_and_none_is_started(tmp_path: Path) -> None:
    show = f"import os; print(os.environ[{TIMESCALE_VARIABLE!r}], os.environ[{REDIS_VARIABLE!r}])"
    done = services(
        "run", "--", sys.executable, "-c", show, TITAN_SERVICES_HOME=str(tmp_path / "no"), **NAMED
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == list(NAMED.values())
    assert not (tmp_path / "no").exists()


def test_the_exit_code_is_the_commands() -> None:
    assert services("run", "--", sys.executable, "-c", "raise SystemExit(7)", **NAMED).returncode == 7
    absent = services("run", "--", "no-such-program-here", **NAMED)
    assert absent.returncode == 127
    assert "no-such-program-here" in absent.stderr


@pytest.mark.parametrize("arguments", [(), ("run",), ("run", "--"), ("start", "--", "true")])
def test_a_wrong_call_says_how_it_is_called(arguments: tuple[str, ...]) -> None:
    done = services(*arguments, **NAMED)
    assert done.returncode == 2
    assert "python -m tools.services run -- CMD" in done.stderr


def test_every_address_of_apt_is_read_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://old.test/debian stable main\n"
        "deb [signed-by=/a.gpg arch=amd64] https://third.test/debian/ stable main\n"
        "deb-src http://source.test/debian stable main\n"
        "deb cdrom:[disk]/ stable main\n"
    )
    (folder / "debian.sources").write_text(SOURCES)
    (folder / "debian.sources.save").write_text("URIs: http://saved.test/debian\n")
    assert list(debian_root.addresses(tmp_path)) == [
        "https://third.test/debian/",
        "http://first.test/mirrors/linux",
        "http://second.test/debian",
        "http://security.test/debian-security",
    ]


def test_the_mirror_is_the_one_that_holds_debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(SOURCES)
    asked: list[str] = []

    def holds(address: str) -> bool:
        asked.append(address)
        return address == "http://first.test/mirrors/linux"

    monkeypatch.setattr(debian_root, "_holds_release", holds)
    assert debian_root.mirror(tmp_path) == "http://first.test/mirrors/linux"
    assert asked[0] == "http://second.test/debian"  # the likeliest first
    monkeypatch.setattr(debian_root, "_holds_release", lambda address: False)
    with pytest.raises(debian_root.ServicesMissing, match=r"first\.test.*TITAN_TEST_TIMESCALE_URL"):
        debian_root.mirror(tmp_path)


def test_without_root_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITAN_SERVICES_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(debian_root.ServicesMissing, match=r"as root.*TITAN_TEST_TIMESCALE_URL"):
        debian_root.debian_root()


def test_without_debootstrap_its_package_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITAN_SERVICES_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda *_arguments, **_names: None)
    with pytest.raises(debian_root.ServicesMissing, match="apt-get install debootstrap"):
        debian_root.debian_root()
