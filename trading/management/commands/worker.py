"""``titan worker``: does the jobs of a production server, on as many machines as wanted."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trading.services.jobs.queues import QUEUES, chosen_queues


class Command(BaseCommand):
    """Takes jobs from queues, a process each, until SIGTERM."""

    help = "Does jobs in production: takes them from Redis, as many at a time as it has processes."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Which queues, and how many processes."""
        parser.add_argument(
            "--queues", default=",".join(QUEUES), help=f"comma-separated, of {', '.join(QUEUES)}; default all"
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=None,
            help="jobs done at the same time; default one a core, four at most",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop."""
        if settings.EMBEDDED:
            raise CommandError(
                "titan up does the jobs itself; titan worker is for production "
                "(DJANGO_SETTINGS_MODULE=titan.settings.production)"
            )
        processes = options["processes"]
        if processes is not None and not 1 <= processes <= 256:
            raise CommandError(f"--processes is {processes}: use a number from 1 to 256")
        queues = chosen_queues(options["queues"])
        from trading.runtime.workers import work

        sys.exit(work(queues, processes or min(4, len(os.sched_getaffinity(0)))))
