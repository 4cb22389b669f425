"""Which queue a kind of job waits in, so that an hour of backtests never stands in the way of the day's prices."""

from titan_core.errors import InvalidInput
from trading.models.jobs import JobKind

__all__ = ["COMPUTE", "INGEST", "QUEUES", "TRADE", "chosen_queues", "queue_of", "unserved_words"]

INGEST, COMPUTE, TRADE = "ingest", "compute", "trade"
QUEUES: tuple[str, ...] = (INGEST, COMPUTE, TRADE)

# Short work that waits for disks and other people's servers. What is not named here computes.
_OF_KIND: dict[str, str] = {
    JobKind.INGEST: INGEST,
    JobKind.DEMO: INGEST,
    JobKind.CHECK_DATA: INGEST,
    JobKind.HOUSEKEEPING: INGEST,
    # A letter about an alert is worth nothing when it comes after an hour's scans: it goes with what trades.
    JobKind.DELIVER: TRADE,
}


def queue_of(kind: str) -> str:
    """The queue in which jobs of `kind` wait; one not named computes."""
    return _OF_KIND.get(str(kind), COMPUTE)


def unserved_words(kind: str) -> str:
    """What is said of a job of `kind` that waits while no worker serves its queue."""
    return f"No worker serves the queue “{queue_of(kind)}” at the moment. This starts as soon as one does."


def chosen_queues(text: str) -> tuple[str, ...]:
    """Queues from ``"ingest,compute"``, in their own order; raises `InvalidInput` for a name that is none."""
    names = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(names - set(QUEUES))
    if unknown or not names:
        what = f"there is no queue {unknown[0]!r}" if unknown else "no queue is named"
        raise InvalidInput(f"{what}: choose from {', '.join(QUEUES)}, comma-separated")
    return tuple(queue for queue in QUEUES if queue in names)
