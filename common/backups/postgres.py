"""PostgreSQL, with TimescaleDB or without: `pg_dump` of an exported snapshot, `pg_restore` into an empty database."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql
from psycopg.conninfo import make_conninfo

from common import faults
from common.backups.digests import Digest, of_postgresql
from common.backups.folder import BackupRefused

__all__ = ["PostgresSource", "PostgresTarget"]

_HOLD_SECONDS = 5
_KEYWORDS = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
_TABLES = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p' ORDER BY c.relname"
)

# Everything of the schema that has an owner and is no extension's; sequences of columns follow their tables.
_OWNED = """
SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, c.oid::regclass::text
FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'FUNCTION', p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


class PostgresSource:
    """A database that others may be writing to."""

    engine = "postgresql"

    def __init__(self, alias: str, connection: BaseDatabaseWrapper, *, to_dump: bool = True) -> None:
        self.alias, self._parameters = alias, _parameters(connection)
        self._program = _program("pg_dump") if to_dump else ""
        self._holder = _connect(alias, self._parameters)
        self._reader = _connect(alias, self._parameters)
        if to_dump:
            _check_version(self._program, self._reader)
        self._snapshot = ""

    def hold(self) -> bool:
        """Wait for writers of any table and keep the next out."""
        names = [sql.Identifier(name) for (name,) in self._holder.execute(_TABLES).fetchall()]
        if not names:
            raise BackupRefused(f"there is nothing in the database {self.alias}: run `titan migrate`")
        self._holder.rollback()
        self._holder.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(f"{_HOLD_SECONDS}s"))
        try:
            # of a hypertable the root alone: whoever writes to a chunk locks the root too
            self._holder.execute(
                sql.SQL("LOCK TABLE {} IN SHARE MODE").format(
                    sql.SQL(", ").join(sql.SQL("ONLY {}").format(name) for name in names)
                )
            )
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            self._holder.rollback()
            return False
        return True

    def begin(self) -> None:
        """Fix the instant; `pg_dump` and the digests read it."""
        self._reader.rollback()
        self._reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = self._reader.execute("SELECT pg_export_snapshot()").fetchone()
        self._snapshot = str(found[0]) if found else ""

    def release(self) -> None:
        """Let writers go on."""
        self._holder.rollback()

    def digests(self) -> dict[str, Digest]:
        """Digest of each table."""
        return of_postgresql(self._reader)

    def dump(self, folder: Path) -> str:
        """Have `pg_dump` write the snapshot."""
        path = folder / f"{self.alias}.dump"
        with path.open("wb") as file:
            path.chmod(0o600)
            _run(
                [
                    self._program,
                    "--format=custom",
                    f"--snapshot={self._snapshot}",
                    *_dbname(self._parameters),
                ],
                self._parameters,
                self.alias,
                stdout=file,
            )
            os.fsync(file.fileno())
        return path.name

    def close(self) -> None:
        """Close both connections."""
        self._holder.close()
        self._reader.close()


class PostgresTarget:
    """A database that is empty, or may be emptied."""

    engine = "postgresql"

    def __init__(self, alias: str, connection: BaseDatabaseWrapper) -> None:
        self.alias, self._parameters = alias, _parameters(connection)
        self._program = _program("pg_restore")

    def check(self, dump: Path, *, replace: bool) -> None:
        """Refuse tables unless they may be replaced, others' connections, and an account that may not load `dump`."""
        with _connect(self.alias, self._parameters) as connection:
            _check_version(self._program, connection)
            if not replace and connection.execute(_TABLES).fetchone() is not None:
                raise BackupRefused(
                    f"there are tables in the database {self.alias} ({self._parameters['dbname']}): name an empty "
                    "one, or say --replace and they are dropped"
                )
            others = connection.execute(
                "SELECT DISTINCT coalesce(nullif(application_name, ''), usename, '?') FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchall()
            if others:
                raise BackupRefused(
                    f"others are connected to the database {self.alias} "
                    f"({', '.join(sorted(name for (name,) in others))}): stop web, workers and beat first, then restore"
                )
            if _has_timescaledb(self._program, dump):
                self._refuse_without_right(connection)

    def _refuse_without_right(self, connection: psycopg.Connection[Any]) -> None:
        """Try what `timescaledb_pre_restore` begins with, and take it back."""
        name = sql.Identifier(str(self._parameters["dbname"]))
        try:
            connection.execute(sql.SQL("ALTER DATABASE {} SET timescaledb.restoring = 'on'").format(name))
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupRefused(
                f"the account {connection.info.user!r} may not put TimescaleDB's own tables back into the database "
                f"{self.alias}: name the server's superuser for this one command, in TITAN_{self.alias.upper()}_URL. "
                "Everything ends up owned by the database's owner all the same"
            ) from error
        finally:
            connection.rollback()

    def load(self, dump: Path) -> None:
        """Empty the database, have `pg_restore` fill it; TimescaleDB's own work rests meanwhile."""
        with _connect(self.alias, self._parameters) as connection:
            _empty(connection)
            connection.commit()
            with_timescaledb = _has_timescaledb(self._program, dump)
            if with_timescaledb:
                connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
                connection.execute("SELECT timescaledb_pre_restore()")
                connection.commit()
        try:
            with dump.open("rb") as file:
                # accounts may have other names here, and comments on extensions are their owner's to make
                options = ["--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]
                options += _dbname(self._parameters)
                _run([self._program, *options], self._parameters, self.alias, stdin=file)
        finally:
            if with_timescaledb:
                with _connect(self.alias, self._parameters) as connection:
                    connection.execute("SELECT timescaledb_post_restore()")
        with _connect(self.alias, self._parameters) as connection:
            _give_to_owner(connection)
            connection.commit()
            connection.autocommit = True
            connection.execute("ANALYZE")

    def digests(self) -> dict[str, Digest]:
        """Digest of each table."""
        with _connect(self.alias, self._parameters) as connection:
            return of_postgresql(connection)


def _parameters(connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """What libpq is told, from Django's settings."""
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name in _KEYWORDS and value not in (None, "")}


def _connect(alias: str, parameters: dict[str, Any]) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(**parameters, application_name="titan backup")
    except psycopg.OperationalError as error:
        said = faults.words(error) or faults.first_line(error)
        raise BackupRefused(f"the database {alias} can't be reached: {said}") from error


def _dbname(parameters: dict[str, Any]) -> list[str]:
    """The connection as an argument, its password left out."""
    return [
        "--dbname",
        make_conninfo(**{name: value for name, value in parameters.items() if name != "password"}),
    ]


def _program(name: str) -> str:
    folder = settings.ENVIRONMENT.postgres_programs
    found = shutil.which(name, path=None if folder is None else str(folder))
    if found is None:
        raise BackupRefused(
            f"{name} is not here: install PostgreSQL's client programs of the server's version "
            "(postgresql-client-17), or name their folder in TITAN_POSTGRES_BIN"
        )
    return found


def _check_version(program: str, connection: psycopg.Connection[Any]) -> None:
    """An older `pg_dump` refuses a newer server in words of its own; say it before anything is held."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found above
    version = re.search(r"(\d+)(?:\.\d+)?", done.stdout)
    server = connection.info.server_version // 10_000
    if version is None or int(version[1]) < server:
        raise BackupRefused(
            f"{program} is of PostgreSQL {version[1] if version else '?'}, the server of {server}: install "
            f"postgresql-client-{server}, or name the folder of its programs in TITAN_POSTGRES_BIN"
        )


def _has_timescaledb(program: str, dump: Path) -> bool:
    with dump.open("rb") as file:
        listing = subprocess.run([program, "--list"], stdin=file, capture_output=True, text=True, check=False)  # noqa: S603 - found above
    return re.search(r" EXTENSION - timescaledb\b", listing.stdout) is not None


def _empty(connection: psycopg.Connection[Any]) -> None:
    """Drop what TITAN made: tables with all that hangs on them, functions, sequences left over."""
    drop = [
        sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(name))
        for (name,) in connection.execute(_TABLES)
    ]
    own = connection.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND NOT "
        "EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    ).fetchall()
    drop += [sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(sql.SQL(name)) for (name,) in own]
    for statement in drop:
        connection.execute(statement)


def _give_to_owner(connection: psycopg.Connection[Any]) -> None:
    """What a superuser has put back belongs to the account that owns the database, which is TITAN's."""
    found = connection.execute(
        "SELECT pg_get_userbyid(datdba), current_user FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if found is None or found[0] == found[1]:
        return
    owner, aggregates = sql.Identifier(found[0]), _aggregates(connection)
    for kind, name in connection.execute(_OWNED).fetchall():
        words = "MATERIALIZED VIEW" if name in aggregates else kind
        # names come as regclass and regprocedure write them: quoted where they must be
        connection.execute(sql.SQL("ALTER {} {} OWNER TO {}").format(sql.SQL(words), sql.SQL(name), owner))


def _aggregates(connection: psycopg.Connection[Any]) -> set[str]:
    """Continuous aggregates, views that are altered as materialized ones; only the community edition has them."""
    if connection.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'").fetchone() is None:
        return set()
    found = connection.execute(
        "SELECT format('%I.%I', view_schema, view_name)::regclass::text "
        "FROM timescaledb_information.continuous_aggregates"
    ).fetchall()
    return {name for (name,) in found}


def _run(
    command: list[str],
    parameters: dict[str, Any],
    alias: str,
    *,
    stdin: Any = subprocess.DEVNULL,
    stdout: Any = None,
) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which only its owner reads."""
    environment = os.environ | {
        "PGPASSWORD": str(parameters.get("password", "")),
        "PGAPPNAME": "titan backup",
    }
    done = subprocess.run(  # noqa: S603 - a program found by `_program`, arguments from settings
        command,
        env=environment,
        stdin=stdin,
        stdout=stdout or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        sys.stderr.write(f"{said}\n")
        mend = faults.mending(said)
        raise BackupRefused(
            f"{Path(command[0]).name} failed on the database {alias}: {said.splitlines()[-1] if said else '?'}"
            f"{f' ({mend})' if mend else ''}"
        )
