"""How many parts work is worth."""

from trading.services.jobs import conf

__all__ = ["MAX_PARTS", "part_count", "worth_parts"]

MAX_PARTS = 400
_WORTH_IT = 3  # parts below which handing them out takes longer than it saves


def worth_parts(seconds: float, *, crew: int) -> bool:
    """Whether a job that takes one core so long is to be cut for so many workers."""
    return crew > 1 and seconds >= _WORTH_IT * conf.part_seconds()


def part_count(seconds: float) -> int:
    """Parts for work that takes one core so long, of a job that is cut.

    Each takes about ``TITAN_PART_SECONDS``, so that what a killed worker loses is little and the last one to
    finish keeps nobody waiting.
    """
    return max(1, min(MAX_PARTS, round(seconds / conf.part_seconds())))
