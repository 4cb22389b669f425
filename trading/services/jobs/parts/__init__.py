"""Big jobs in parts: cut by whoever holds the job, worked on by every idle worker, gathered in order.

Rows own the parts as they own the jobs; a message only says that there are some. The job's holder works on parts too
and waits only for those that others hold, so one worker alone never waits for anyone.
"""

from trading.services.jobs.parts.crew import crew_size, threads
from trading.services.jobs.parts.gathering import Parts
from trading.services.jobs.parts.registry import works
from trading.services.jobs.parts.sizes import part_count, worth_parts
from trading.services.jobs.parts.step import Step

__all__ = ["Parts", "Step", "crew_size", "part_count", "threads", "works", "worth_parts"]
