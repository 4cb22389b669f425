"""Backup and restore on TimescaleDB: equal hashes, one instant, refusals; as the account that deploy/ makes."""

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from common import audit
from common.sealing import seal
from tests.production.stack import ROOT, Stack
from tests.services.processes import ROUNDS
from tools.debian_root import BINARIES, debian_root
from users.models import TotpDevice

PASSWORD = "desk-only-9f3kQz"


@pytest.fixture(scope="module")
def programs(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pg_dump, pg_restore and psql of the server's own version."""
    folder = tmp_path_factory.mktemp("programs")
    if not isinstance(stack.timescale, str) or os.geteuid() == 0:
        for name in ("pg_dump", "pg_restore", "psql"):
            script = folder / name
            script.write_text(f'#!/bin/sh\nexec chroot "{debian_root()}" {BINARIES}/{name} "$@"\n')
            script.chmod(0o755)
    stack.variables["TITAN_POSTGRES_BIN"] = str(folder)
    return folder


def _maintenance(stack: Stack) -> str:
    return stack.timescale if isinstance(stack.timescale, str) else stack.timescale.url


class Desk:
    """Two databases made by deploy/database/init.sh, owned by an account that is no superuser."""

    def __init__(self, stack: Stack, programs: Path, folder: Path) -> None:
        self.stack, self.home = stack, folder
        parts = urlsplit(_maintenance(stack))
        name = f"desk_{os.urandom(3).hex()}"
        secret = folder / "password"
        secret.write_text(f"{PASSWORD}\n")
        subprocess.run(
            [ROOT / "deploy" / "database" / "init.sh"],
            env={"PATH": f"{programs}:{os.environ['PATH']}", "TITAN_PASSWORD_FILE": str(secret)}
            | {"PGHOST": parts.hostname or "", "PGPORT": str(parts.port), "PGUSER": parts.username or ""}
            | {"PGPASSWORD": parts.password or "", "TITAN_DB_ROLE": name}
            | {"TITAN_DB_MAIN": f"{name}_main", "TITAN_DB_PRICES": f"{name}_prices"},
            check=True,
            capture_output=True,
        )
        self.role = name
        self.main = f"postgresql://{name}:{PASSWORD}@{parts.hostname}:{parts.port}/{name}_main"
        self.prices = f"postgresql://{name}:{PASSWORD}@{parts.hostname}:{parts.port}/{name}_prices"
        self.prices_as_superuser = _maintenance(stack).rpartition("/")[0] + f"/{name}_prices"

    def titan(
        self, *arguments: str, check: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """A command on these databases."""
        mine = {
            "TITAN_HOME": str(self.home),
            "TITAN_DATABASE_URL": self.main,
            "TITAN_TIMESCALE_URL": self.prices,
        }
        return self.stack.titan(*arguments, check=check, **(mine | variables))

    def restore(self, backup: Path, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Put a backup back: TimescaleDB's own tables are its superuser's."""
        return self.titan(
            "restore", str(backup), *options, check=check, TITAN_TIMESCALE_URL=self.prices_as_superuser
        )

    def fingerprint(self) -> dict[str, Any]:
        """Hashes of everything."""
        found: dict[str, Any] = json.loads(self.titan("fingerprint", "--json").stdout)
        return found

    def drop(self) -> None:
        """Leave the server as it was."""
        with psycopg.connect(_maintenance(self.stack), autocommit=True) as connection:
            for url in (self.main, self.prices):
                connection.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')


@pytest.fixture(scope="module")
def desk(stack: Stack, programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A desk with a person, sealed secrets, an audit trail, three years of prices of 20 series, files of runs."""
    made = Desk(stack, programs, tmp_path_factory.mktemp("desk"))
    made.titan("migrate")
    with psycopg.connect(made.prices) as connection:
        columns = dict(
            connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'price'"
            ).fetchall()
        )
        values = {
            name: {"timestamp": "day", "series_id": "series"}.get(
                name, "(series * 7 + extract(epoch FROM day) / 3e6)" if "double" in kind else "1"
            )
            if "timestamp" not in kind
            else "day"
            for name, kind in columns.items()
        }
        connection.execute(
            f"INSERT INTO price ({', '.join(columns)}) SELECT {', '.join(values[name] for name in columns)} "
            "FROM generate_series(1, 20) series, "
            "generate_series('2021-01-01'::timestamptz, '2023-12-31', '1 day') day"
        )
    (made.home / "artefacts" / "tables").mkdir(parents=True)
    (made.home / "artefacts" / "tables" / ("ab" * 32)).write_bytes(b"rows" * 10_000)
    with psycopg.connect(made.main) as connection:
        connection.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('b', '1', now()), "
            "('A', E'tab\\there, \\\\ and a\\nline', now()), ('ä', '', now())"
        )
    yield made
    made.drop()


@pytest.fixture(scope="module")
def backup(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, taken as the account that owns the databases."""
    parent = tmp_path_factory.mktemp("backups")
    said = desk.titan("backup", str(parent)).stdout
    assert "1 files of runs" in said
    (folder,) = parent.iterdir()
    return folder


def test_a_backup_comes_back_equal_in_every_row_and_file(
    desk: Desk, backup: Path, stack: Stack, programs: Path, tmp_path: Path
) -> None:
    fresh = Desk(stack, programs, tmp_path)
    try:
        said = fresh.restore(backup).stdout
        found = fresh.fingerprint()
        assert found == desk.fingerprint()
        assert found["total"] in said
        assert found["timescale"]["price"]["n"] == 20 * 1_095
        assert found["default"]["django_session"]["n"] == 3
        _check_hypertable(fresh)
        fresh.titan("migrate", "--check")
        assert "tables in the database default" in fresh.restore(backup, check=False).stderr
        with psycopg.connect(fresh.main, application_name="titan web"):
            refused = fresh.restore(backup, "--replace", check=False)
            assert refused.returncode == 1
            assert "titan web" in refused.stderr
        fresh.restore(backup, "--replace")
        assert fresh.fingerprint() == found
    finally:
        fresh.drop()


def _check_hypertable(desk: Desk) -> None:
    """What came back is a hypertable that is written to as before, in chunks, by the account that owns it."""
    with psycopg.connect(desk.prices) as connection:
        tables = connection.execute(
            "SELECT hypertable_name, num_chunks, owner FROM timescaledb_information.hypertables ORDER BY 1"
        ).fetchall()
        for name, n_chunks, owner in tables:
            assert owner == desk.role, name
            assert n_chunks > 0 or name != "price"
        restoring = connection.execute("SHOW timescaledb.restoring").fetchone()
        assert restoring == ("off",)
        connection.execute("UPDATE price SET volume = 2 WHERE series_id = 1 AND volume IS NOT NULL")
        connection.execute("INSERT INTO price SELECT (p).* FROM (SELECT p FROM price p WHERE false) q")
        connection.rollback()


def test_the_fingerprint_sees_one_changed_value(desk: Desk) -> None:
    before = desk.fingerprint()
    with psycopg.connect(desk.prices) as connection:
        connection.execute(
            "UPDATE price SET close = close * (1 + 1e-15) WHERE series_id = 7 AND timestamp = '2022-05-05'"
        )
    after = desk.fingerprint()
    different = [
        (group, name)
        for group in ("default", "timescale", "artefacts")
        for name in before[group]
        if before[group][name] != after[group][name]
    ]
    assert different == [("timescale", "price")]
    with psycopg.connect(desk.prices) as connection:
        connection.execute(
            "UPDATE price SET close = close / (1 + 1e-15) WHERE series_id = 7 AND timestamp = '2022-05-05'"
        )
    assert desk.fingerprint() == before


def test_an_account_without_the_right_is_refused_before_anything_is_touched(
    stack: Stack, programs: Path, backup: Path, tmp_path: Path
) -> None:
    """TimescaleDB's own tables are its superuser's: who forgot to name it must not be left with half a restore."""
    fresh = Desk(stack, programs, tmp_path)
    try:
        refused = fresh.titan("restore", str(backup), check=False)
        assert refused.returncode == 1
        assert "superuser" in refused.stderr
        assert "TITAN_TIMESCALE_URL" in refused.stderr
        assert "Traceback" not in refused.stderr
        with psycopg.connect(fresh.main) as connection:
            assert connection.execute(
                "SELECT count(*) FROM pg_tables WHERE tableowner = %s", [fresh.role]
            ).fetchone() == (0,)
        fresh.restore(backup)
    finally:
        fresh.drop()


def test_secrets_and_the_trail_hold_after_a_restore(stack: Stack, programs: Path, tmp_path: Path) -> None:
    """On the stack's own databases, where this process's models are."""
    user = stack.user("sealed-by-backup-test")
    TotpDevice.objects.update_or_create(
        user=user, defaults={"sealed_secret": seal("JBSWY3DP", "totp"), "last_interval": 0}
    )
    audit.record("login", actor=user)
    (tmp_path / "backups").mkdir()
    stack.titan("backup", str(tmp_path / "backups"))
    (folder,) = (tmp_path / "backups").iterdir()
    fresh = Desk(stack, programs, tmp_path)
    superuser = _maintenance(stack).rpartition("/")[0]
    # the stack's owner is the superuser, so both are put back as that
    variables = {
        "TITAN_DATABASE_URL": f"{superuser}/{fresh.role}_main",
        "TITAN_TIMESCALE_URL": fresh.prices_as_superuser,
    }
    try:
        refused = fresh.titan(
            "restore", str(folder), check=False, **variables, TITAN_SECRET_KEY="z9" + "k7Qw2-Zr9xT4" * 6
        )
        assert "another TITAN_SECRET_KEY" in refused.stderr
        fresh.titan("restore", str(folder), **variables)
        assert "all sealed as they were written" in fresh.titan("audit", "verify", **variables).stdout
    finally:
        fresh.drop()


def test_both_databases_are_of_one_instant_while_someone_writes(desk: Desk, tmp_path: Path) -> None:
    """A writer counts up in both, each pair of transactions inside the other: no copy may see one without the other."""
    ends = threading.Event()

    def count() -> None:
        with psycopg.connect(desk.main) as first, psycopg.connect(desk.prices) as second:
            n = 0
            while not ends.is_set():
                n += 1
                first.execute("UPDATE pulse SET n = %s", [n])
                second.execute("UPDATE pulse SET n = %s", [n])
                second.commit()
                first.commit()

    for url in (desk.main, desk.prices):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE pulse (n bigint)")
            connection.execute("INSERT INTO pulse VALUES (0)")
    writer = threading.Thread(target=count)
    writer.start()
    try:
        for _ in range(min(ROUNDS, 3)):
            desk.titan("backup", str(tmp_path))
    finally:
        ends.set()
        writer.join()
        for url in (desk.main, desk.prices):
            with psycopg.connect(url) as connection:
                connection.execute("DROP TABLE pulse")
    for folder in tmp_path.iterdir():
        noted = json.loads((folder / "backup.json").read_text())["fingerprint"]
        # one row of one column: equal hashes are equal counts
        assert noted["default"]["pulse"] == noted["timescale"]["pulse"]


def test_programs_that_are_missing_are_named(desk: Desk, tmp_path: Path) -> None:
    refused = desk.titan("backup", str(tmp_path / "backups"), check=False, TITAN_POSTGRES_BIN=str(tmp_path))
    assert refused.returncode == 1
    assert "TITAN_POSTGRES_BIN" in refused.stderr
    assert not list((tmp_path / "backups").iterdir())
    # who only hashes rows needs none of them
    told = desk.titan("fingerprint", "--json", TITAN_POSTGRES_BIN=str(tmp_path)).stdout
    assert json.loads(told) == desk.fingerprint()
