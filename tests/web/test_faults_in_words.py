"""What databases, disks and files say when they fail reaches the person at the terminal in words, never as a trace."""

import errno
import os
import sqlite3
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError

from common import faults
from common.backups import taking
from common.backups.folder import BackupRefused
from titan.__main__ import main
from titan.terminal import Terminal

REFUSED = 'connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused'


def of_disk(number: int, path: str | None = "/backups/x") -> OSError:
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError(f"{REFUSED}\n\tIs the server running on that host?"), "check that the server runs"),
        (psycopg.OperationalError("connection timeout expired"), "check that the server runs"),
        (OperationalError("couldn't get a connection after 10.00 sec"), "check that the server runs"),
        (
            OperationalError('connection failed: FATAL:  password authentication failed for user "titan"'),
            "check user and password",
        ),
        (OperationalError('FATAL:  role "tom" does not exist'), "check user and password"),
        (OperationalError('FATAL:  database "titn" does not exist'), "check the name at the end"),
        (
            OperationalError("failed to resolve host 'db': [Errno -2] Name or service not known"),
            "check the host",
        ),
        (OperationalError('FATAL:  no pg_hba.conf entry for host "10.0.0.7"'), "let this account in"),
        (OperationalError("server does not support SSL, but SSL was required"), "sslmode"),
        (OperationalError("FATAL:  sorry, too many clients already"), "max_connections"),
        (OperationalError("FATAL:  the database system is starting up"), "when it is up"),
        (ProgrammingError("permission denied for table price"), "owns its databases"),
        (DatabaseError('could not extend file "base/1/2": No space left on device'), "make room"),
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (sqlite3.OperationalError("unable to open database file"), "may not open it"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "may not write"),
        (of_disk(errno.ENOSPC), "make room"),
        (of_disk(errno.EROFS), "may not write"),
        (of_disk(errno.EACCES), "needs the right"),
        (of_disk(errno.ENOENT), "check the path"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(value).split(":")[-1].strip()[:30],
)
def test_what_to_do_is_said(error: Exception, words: str) -> None:
    said = faults.words(error)
    assert said is not None
    assert words in said.partition(": ")[2]
    assert "\n" not in said


def test_of_many_addresses_the_line_that_failed_is_told() -> None:
    tried = (
        "Multiple connection attempts failed. All failures were:\n- host: 'localhost', hostaddr: '::1': Connection "
        "refused\n- host: 'localhost', port: '5432', hostaddr: '127.0.0.1': connection failed: Connection refused"
    )
    said = faults.words(OperationalError(tried))
    assert said is not None
    assert said.startswith("host: 'localhost', port: '5432'")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("permission denied for no reason"),
        KeyError("x"),
        OSError("no number"),
        DatabaseError("odd"),
    ],
)
def test_what_nobody_can_mend_keeps_its_trace(error: Exception) -> None:
    assert faults.words(error) is None


def ended(monkeypatch: pytest.MonkeyPatch, error: Exception, *options: str) -> None:
    def fail(terminal: Terminal) -> None:
        raise error

    monkeypatch.setattr(Terminal, "execute", fail)
    monkeypatch.setattr(sys, "argv", ["titan", "up", *options])
    main()


def test_a_command_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as code:
        ended(monkeypatch, OperationalError(f"{REFUSED}\n\tand more"))
    assert code.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(f"titan: {REFUSED}: check that the server runs")
    assert said.count("\n") == 1
    with pytest.raises(OperationalError):
        ended(monkeypatch, OperationalError(REFUSED), "--traceback")
    with pytest.raises(ValueError, match="a fault of ours"):
        ended(monkeypatch, ValueError("a fault of ours"))


def test_a_backup_that_can_not_be_written_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        BackupRefused, match=r"no backup can be written to \S+/file/below: .*Not a directory: check"
    ):
        taking.take(tmp_path / "file" / "below")


def test_a_disk_that_fills_up_leaves_no_half_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*, to_dump: bool = True) -> None:
        raise of_disk(errno.ENOSPC)

    monkeypatch.setattr(taking, "_at_one_instant", full)
    with pytest.raises(
        BackupRefused, match=r"could not be finished and was removed: .*No space left .*: make room"
    ):
        taking.take(tmp_path)
    assert list(tmp_path.iterdir()) == []
