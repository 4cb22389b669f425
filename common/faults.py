"""What went wrong with a database, a disk or a file, in words for whoever sits at the terminal: and how to mend it."""

import errno
import re
import sqlite3
from typing import Any

from django.db import Error as DjangoError

__all__ = ["first_line", "is_of_others", "mending", "words"]

_URL = "its URL (TITAN_DATABASE_URL, TITAN_TIMESCALE_URL, or --from)"
_UNREACHED = (
    "connection refused",
    "no route to host",
    "network is unreachable",
    "timeout expired",
    "timed out",
)
_GONE = ("starting up", "shutting down", "recovery mode", "closed the connection", "terminating connection")
# What PostgreSQL, libpq, SQLite and the system say, the narrower first, and what to do about it.
_MENDING = tuple(
    (re.compile(said, re.I), mend)
    for said, mend in (
        (
            r"no space left|disk (is )?full|could not extend file|quota exceeded",
            "make room, then run this again",
        ),
        (
            r"authentication failed|no password supplied|role \S+ does not exist",
            f"check user and password in {_URL}",
        ),
        (
            r"no pg_hba\.conf entry",
            "the server's pg_hba.conf says who may come from where: let this account in",
        ),
        (
            r"(translate|resolve) host|name or service not known|name resolution|nodename nor servname",
            f"no machine of that name is known here; check the host in {_URL}",
        ),
        (
            r"certificate|ssl (error|connection|negotiation|is not enabled)|server does not support ssl",
            f"the two do not agree on TLS; check sslmode and sslrootcert in {_URL}",
        ),
        (
            "|".join((*_UNREACHED, "couldn't get a connection")),
            f"check that the server runs, that this machine may reach it, and host and port in {_URL}",
        ),
        (
            r"database \S+ does not exist",
            f"create it (deploy/database/init.sh does), or check the name at the end of {_URL}",
        ),
        (
            r"permission denied for|must be owner|insufficient.?privilege",
            "the account needs that right: TITAN's owns its databases (deploy/database/init.sh)",
        ),
        (
            r"too many (clients|connections)|remaining connection slots",
            "raise max_connections, or end somebody",
        ),
        (
            "|".join((*_GONE, "connection .*lost", "the connection is (closed|lost)")),
            "the server was away; run this again when it is up",
        ),
        (r"lock timeout|database is locked", "another program holds it; run this again when that is done"),
        (r"statement timeout", "the server is too busy; run this again later"),
        (r"unable to open database file", "the file is not there, or this account may not open it"),
        (r"read-?only", "this account may not write there"),
        (r"permission denied|not permitted", "this account needs the right to it"),
    )
)
_FILES = {
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT,
    errno.EEXIST, errno.ENOTEMPTY, errno.EIO,
}  # fmt: skip


def is_of_others(error: BaseException) -> bool:
    """Whether a database's driver or the system raised it, so that a person may be able to mend it."""
    if isinstance(error, OSError):
        return error.errno in _FILES
    return isinstance(error, DjangoError | sqlite3.Error) or type(error).__module__.startswith("psycopg")


def words(error: BaseException) -> str | None:
    """What happened and what to do; None where nobody knows what to do, and the trace may help more."""
    said = first_line(error)
    mend = mending(said) if is_of_others(error) else None
    if mend is None and isinstance(error, OSError) and error.errno in _FILES:
        mend = "check the path"
    return None if mend is None else f"{said}: {mend}"


def mending(said: str) -> str | None:
    """What to do about it."""
    return next((mend for pattern, mend in _MENDING if pattern.search(said)), None)


def first_line(error: BaseException) -> str:
    """The line that says what is wrong; a driver tells more of them, and each address it tried."""
    if isinstance(error, OSError) and error.strerror:
        named: Any = error.filename
        return f"{named}: {error.strerror}" if named is not None else error.strerror
    lines = [line.strip(" \t-") for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Multiple connection attempts"):
        return lines[-1] if "failed" in lines[-1] else lines[1]
    return lines[0] if lines else type(error).__name__
