"""The ``titan`` command: Django's management commands under the product's name."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run ``titan <command>``; without a command, list them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.development")
    from django.core.management import ManagementUtility
    from django.db import OperationalError, ProgrammingError

    from titan_core.errors import TitanError

    arguments = ["titan", *sys.argv[1:]]
    try:
        ManagementUtility(arguments).execute()
    except TitanError as error:
        sys.exit(f"titan: {error}")
    except (
        OperationalError,
        ProgrammingError,
    ) as error:  # SQLite's word for a missing table, and PostgreSQL's
        if "no such table" in str(error) or "does not exist" in str(error):
            sys.exit(f"titan: the databases are not set up ({error}): run `titan migrate`, or `titan up`")
        raise
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
