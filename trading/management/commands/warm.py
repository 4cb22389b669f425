"""``titan warm``: compile the engine's kernels, so that no user waits for a compiler."""

from typing import Any

from django.core.management.base import BaseCommand

from trading.management.setup import warm


class Command(BaseCommand):
    """Fills the kernel cache; done at once when it is filled."""

    help = "Compiles the engine's kernels into the cache (a minute the first time, nothing afterwards)."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile."""
        warm(quiet=options["verbosity"] < 1)
