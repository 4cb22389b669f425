"""How many parts work is worth."""

from trading.services.jobs import conf

__all__ = ["MAX_PARTS", "part_count"]

MAX_PARTS = 400
_WORTH_IT = 3  # parts below which handing them out takes longer than it saves


def part_count(seconds: float, *, crew: int) -> int:
    """Parts for work that takes one core so long; 1 where it is to stay whole.

    Each takes about ``TITAN_PART_SECONDS``, so that what a killed worker loses is little and the last one to finish
    keeps nobody waiting.
    """
    n = round(seconds / conf.part_seconds())
    return 1 if crew < 2 or n < _WORTH_IT else min(n, MAX_PARTS)
