"""Backup and restore of the embedded server: one instant of both files, equal hashes, refusals, the key."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from common.backups.digests import of_sqlite

ROOT = Path(__file__).resolve().parents[2]
SECRET = "backup-tests-" + "k7Qw2-Zr9xT4_mB6vN8pL3sD5fG1hJ0yXcVaEuRi" * 2
OTHER = "replaced-" + SECRET
MAKE = """
import django; django.setup()
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from common import audit
from common.sealing import seal
from users.models import TotpDevice, User
user = User.objects.create_user("ada", password="x" * 20)
TotpDevice.objects.create(user=user, sealed_secret=seal("JBSWY3DPEHPK3PXP", "totp"), last_interval=0)
audit.record("login", actor=user)
storages["artefacts"].save("tables/" + "ab" * 32, ContentFile(b"rows"))
storages["artefacts"].save("bars/" + "cd" * 32, ContentFile(b"bars" * 1000))
"""
OPENS = """
import django; django.setup()
from common import audit
from common.sealing import unseal
from users.models import TotpDevice
print(unseal(TotpDevice.objects.get().sealed_secret, "totp"), audit.verify().ok)
"""


class Embedded:
    """A TITAN_HOME, and commands on it."""

    def __init__(self, home: Path, secret: str = SECRET) -> None:
        self.home, self.secret = home, secret

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=clean
            | {"TITAN_HOME": str(self.home), "TITAN_SECRET_KEY": self.secret}
            | {"DJANGO_SETTINGS_MODULE": "titan.settings.development"}
            | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def titan(self, *arguments: str, **variables: str) -> str:
        done = self.run("-m", "titan", *arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str, **variables: str) -> str:
        done = self.run("-m", "titan", *arguments, **variables)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def fingerprint(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.titan("fingerprint", "--json"))
        return found


@cache
def _known(desk: Embedded) -> dict[str, Any]:
    """The desk's fingerprint: tests leave it as they found it."""
    return desk.fingerprint()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    """An embedded TITAN with a person, a sealed secret, an audit trail, prices and files of runs."""
    made = Embedded(tmp_path_factory.mktemp("desk"))
    made.titan("migrate", "--verbosity", "0")
    done = made.run("-c", MAKE)
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(made.home / "timescale.sqlite3")) as connection, connection:
        columns = connection.execute(
            "SELECT name, type FROM pragma_table_info('price') ORDER BY cid"
        ).fetchall()
        rows = (
            [day if "int" in kind.lower() else 1.0 + day / 3 for _, kind in columns]
            for day in range(1, 20_001)
        )
        connection.executemany(f"INSERT INTO price VALUES ({', '.join('?' * len(columns))})", rows)
    return made


@pytest.fixture(scope="module")
def backup(desk: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    parent = tmp_path_factory.mktemp("backups")
    assert "TITAN_SECRET_KEY is not in it" in desk.titan("backup", str(parent))
    (folder,) = parent.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*"))
    return folder


def test_a_backup_comes_back_equal_in_every_row_and_file(
    desk: Embedded, backup: Path, tmp_path: Path
) -> None:
    fresh = Embedded(tmp_path / "home")
    said = fresh.titan("restore", str(backup))
    assert "equal in every row and file" in said
    found = fresh.fingerprint()
    assert found == _known(desk)
    assert found["total"] in said
    assert found["timescale"]["price"]["n"] == 20_000
    assert found["artefacts"]["artefacts"]["n"] == 2
    assert fresh.run("-c", OPENS).stdout.split() == ["JBSWY3DPEHPK3PXP", "True"]
    assert "entries, all sealed" in fresh.titan("audit", "verify")


def test_a_changed_row_changes_the_fingerprint_and_that_of_its_table_alone(
    desk: Embedded, backup: Path, tmp_path: Path
) -> None:
    fresh = Embedded(tmp_path / "home")
    fresh.titan("restore", str(backup))
    with closing(sqlite3.connect(fresh.home / "timescale.sqlite3")) as connection, connection:
        connection.execute("UPDATE price SET close = close * (1 + 1e-15) WHERE timestamp = 777")
    (fresh.home / "artefacts" / "tables" / ("ab" * 32)).write_bytes(b"Rows")
    ours, theirs = fresh.fingerprint(), _known(desk)
    different = {
        (group, name)
        for group in ("default", "timescale", "artefacts")
        for name in theirs[group]
        if ours[group][name] != theirs[group][name]
    }
    assert different == {("timescale", "price"), ("artefacts", "artefacts")}
    assert ours["total"] != theirs["total"]


def test_what_is_there_is_not_overwritten_unless_that_is_said(
    desk: Embedded, backup: Path, tmp_path: Path
) -> None:
    mine = Embedded(tmp_path / "home")
    mine.titan("migrate", "--verbosity", "0")
    before = mine.fingerprint()
    assert "--replace" in mine.refused("restore", str(backup))
    assert mine.fingerprint() == before
    mine.titan("restore", str(backup), "--replace")
    assert mine.fingerprint() == _known(desk)
    aside = [path.name for path in mine.home.iterdir() if ".before-" in path.name]
    assert any(name.startswith("titan.sqlite3.before-") for name in aside)
    assert any(name.startswith("timescale.sqlite3.before-") for name in aside)


def test_a_running_titan_is_not_overwritten_even_when_that_is_said(backup: Path, tmp_path: Path) -> None:
    mine = Embedded(tmp_path / "home")
    mine.titan("restore", str(backup))
    with closing(sqlite3.connect(mine.home / "timescale.sqlite3")) as running:
        running.execute("PRAGMA journal_mode=WAL")
        running.execute("SELECT count(*) FROM price").fetchone()
        assert "stop `titan up` first" in mine.refused("restore", str(backup), "--replace")
    mine.titan("restore", str(backup), "--replace")


def test_another_key_is_refused_unless_the_old_one_is_named_or_given_up(backup: Path, tmp_path: Path) -> None:
    said = Embedded(tmp_path / "a", OTHER).refused("restore", str(backup))
    assert "another TITAN_SECRET_KEY" in said
    kept = Embedded(tmp_path / "b", OTHER)
    kept.titan("restore", str(backup), TITAN_SECRET_KEY_FALLBACKS=SECRET)
    assert kept.run("-c", OPENS, TITAN_SECRET_KEY_FALLBACKS=SECRET).stdout.split() == [
        "JBSWY3DPEHPK3PXP",
        "True",
    ]
    kept.titan("reseal", TITAN_SECRET_KEY_FALLBACKS=SECRET)
    assert kept.run("-c", OPENS).stdout.split() == ["JBSWY3DPEHPK3PXP", "False"]
    lost = Embedded(tmp_path / "c", OTHER)
    lost.titan("restore", str(backup), "--other-key")
    assert "can't be opened" in lost.run("-c", OPENS).stderr


def test_a_backup_that_is_not_whole_or_was_changed_is_refused(backup: Path, tmp_path: Path) -> None:
    mine = Embedded(tmp_path / "home")
    assert "no finished backup" in mine.refused("restore", str(tmp_path))
    # `titan` may run in another folder than the one where somebody types
    assert "there is no folder /" in mine.refused("restore", "backups/titan-none")
    for name in ("default.sqlite3", "backup.json"):
        copy = tmp_path / name.partition(".")[0]
        subprocess.run(["cp", "-r", backup, copy], check=True)
        content = (copy / name).read_bytes()
        (copy / name).write_bytes(
            content.replace(b'"n": 20000', b'"n": 20001') if name == "backup.json" else content[:-1] + b"x"
        )
        assert str(copy / name) in mine.refused("restore", str(copy))
    copy = tmp_path / "files"
    subprocess.run(["cp", "-r", backup, copy], check=True)
    (copy / "artefacts" / "tables" / ("ab" * 32)).write_bytes(b"Rows")
    assert "artefacts.artefacts differ" in mine.refused("restore", str(copy))


def test_both_files_are_of_one_instant_while_someone_writes(desk: Embedded, tmp_path: Path) -> None:
    """A writer counts up in both files inside transactions of their own: no copy may see one without the other."""
    ends = threading.Event()

    def count() -> None:
        with (
            closing(sqlite3.connect(desk.home / "titan.sqlite3", timeout=60, isolation_level=None)) as first,
            closing(
                sqlite3.connect(desk.home / "timescale.sqlite3", timeout=60, isolation_level=None)
            ) as second,
        ):
            n = 0
            while not ends.is_set():
                n += 1
                first.execute("BEGIN IMMEDIATE")
                second.execute("BEGIN IMMEDIATE")
                first.execute("UPDATE pulse SET n = ?", [n])
                second.execute("UPDATE pulse SET n = ?", [n])
                second.execute("COMMIT")
                first.execute("COMMIT")
                ends.wait(
                    0.001
                )  # SQLite has no queue: without a pause whoever else wants to write may wait for ever

    for name in ("titan.sqlite3", "timescale.sqlite3"):
        with closing(sqlite3.connect(desk.home / name)) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE pulse (n INTEGER)")
            connection.execute("INSERT INTO pulse VALUES (0)")
    writer = threading.Thread(target=count)
    writer.start()
    try:
        for _ in range(3):
            desk.titan("backup", str(tmp_path))
    finally:
        ends.set()
        writer.join()
        for name in ("titan.sqlite3", "timescale.sqlite3"):
            with closing(sqlite3.connect(desk.home / name)) as connection, connection:
                connection.execute("DROP TABLE pulse")
    seen = []
    for folder in sorted(tmp_path.iterdir()):
        both = []
        for name in ("default.sqlite3", "timescale.sqlite3"):
            with closing(sqlite3.connect(folder / name)) as connection:
                both.append(connection.execute("SELECT n FROM pulse").fetchone()[0])
                noted = json.loads((folder / "backup.json").read_text())["fingerprint"]
                assert (
                    of_sqlite(connection)["pulse"].sha256 == noted[name.partition(".")[0]]["pulse"]["sha256"]
                )
        assert both[0] == both[1]
        seen.append(both[0])
    assert len(seen) == 3
    assert 0 < seen[0] < seen[1] < seen[2]
