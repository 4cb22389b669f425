"""The ``titan`` command: Django's management commands under the product's name."""

import io
import os
import re
import sys

__all__ = ["main"]

_PRODUCTION = ("web", "worker", "beat")
_SERVERS = (*_PRODUCTION, "up")


def main() -> None:
    """Run ``titan <command>``; without a command, list them."""
    # These three exist in production only; every other command serves whichever settings are asked for.
    form = "production" if sys.argv[1:2] and sys.argv[1] in _PRODUCTION else "development"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"titan.settings.{form}")
    if sys.argv[1:2] and sys.argv[1] not in _SERVERS:
        # one thread at a time: a pool would only wait before it says that nobody answers
        os.environ["TITAN_DATABASE_POOL"] = "0"
    from common import faults
    from titan.terminal import Terminal, refuse
    from titan_core.errors import TitanError

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # in a redirected log a line stands when it is said
    arguments = ["titan", *sys.argv[1:]]
    try:
        Terminal(arguments).execute()
    except TitanError as error:
        refuse(error)
        sys.exit(1)
    except Exception as error:
        words = (_mend(str(error)) or faults.words(error)) if faults.is_of_others(error) else None
        if words is None or "--traceback" in arguments:
            raise
        refuse(words)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _mend(error: str) -> str | None:
    """What to do about a fault of the databases that the person at the terminal can mend; None for any other."""
    # SQLite's word for a missing table, and PostgreSQL's
    if "no such table" in error or re.search("(relation|column) .* does not exist", error):
        return f"the databases are not set up ({error}): run `titan migrate`, or `titan up`"
    if "file is not a database" in error or "malformed" in error:
        from django.conf import settings

        files = " or ".join(str(database["NAME"]) for database in settings.DATABASES.values())
        return (
            f"a database file is damaged ({error}): {files}. Put back a copy of the folder, or move it away "
            "and `titan up` starts a new one"
        )
    return None


if __name__ == "__main__":
    main()
