"""What can go wrong with a job that is no fault of its handler."""

from titan_core.errors import TitanError

__all__ = ["Interrupted", "LostLease", "NoHandler"]


class LostLease(TitanError):
    """Another worker took this job over: nothing this one still writes would be kept."""

    code = "lost_lease"


class Interrupted(TitanError):
    """The worker is shutting down: the job goes back to the queue with its checkpoint."""

    code = "interrupted"


class NoHandler(TitanError):
    """No function is registered for a job's kind."""

    code = "no_handler"
