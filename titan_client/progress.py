"""A job's progress in the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from titan_client.generated import models

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[Callable[[models.Job], None]]:
    """What to call with each state of the job; nothing is drawn where that is not wanted."""
    if not shown:
        yield lambda job: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("waiting", total=1.0)
        yield lambda job: bar.update(
            task, completed=job["progress"], description=job["stage"] or job["status"].lower()
        )
