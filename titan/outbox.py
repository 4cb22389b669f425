"""Messages on their way to the broker: sent by a thread of its own, so that no request ever waits for Redis."""

import atexit
import logging
import os
import queue
import threading
from typing import Any

__all__ = ["Outbox"]

logger = logging.getLogger(__name__)

_MOST = 5_000  # messages that may wait; what does not fit is the sweep's
_LAST_SECONDS = 1.0  # for a process that ends, such as a command that enqueues a job and is done

_Message = tuple[str, int, str]


class Outbox:
    """What this process has yet to send. A forked process starts its own, empty, with a thread of its own."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._starting = threading.Lock()
        self._pid = 0
        self._waiting: queue.Queue[_Message] = queue.Queue(_MOST)
        self._down = False

    def put(self, task: str, row_id: int, queue_name: str) -> None:
        """Have `task` sent with the id of its row; returns at once, whatever becomes of the message."""
        try:
            self._queue().put_nowait((task, row_id, queue_name))
        except queue.Full:
            logger.warning("the message of %s %s was dropped; the sweep sends it again", task, row_id)

    def flush(self, seconds: float) -> bool:
        """Wait until everything is sent or given up, so long at most; whether it is."""
        if self._pid != os.getpid():
            return True
        waiting = self._waiting
        with waiting.all_tasks_done:
            return waiting.all_tasks_done.wait_for(lambda: waiting.unfinished_tasks == 0, seconds)

    def _queue(self) -> "queue.Queue[_Message]":
        with self._starting:
            if self._pid != os.getpid():
                self._waiting, self._pid = queue.Queue(_MOST), os.getpid()
                threading.Thread(
                    target=self._run, args=(self._waiting,), name="job-outbox", daemon=True
                ).start()
                atexit.register(self.flush, _LAST_SECONDS)
            return self._waiting

    def _run(self, waiting: "queue.Queue[_Message]") -> None:
        while True:
            task, row_id, queue_name = waiting.get()
            try:
                self._app.send_task(task, args=[row_id], queue=queue_name, retry=False, ignore_result=True)
                self._down = False
            except Exception as error:
                if not self._down:
                    logger.warning(
                        "the broker does not answer; the sweep sends again what is lost", exc_info=error
                    )
                self._down = True
                self._give_up(waiting)
            finally:
                waiting.task_done()

    @staticmethod
    def _give_up(waiting: "queue.Queue[_Message]") -> None:
        """One message has just waited for a broker that is down; the others behind it need not."""
        while True:
            try:
                waiting.get_nowait()
            except queue.Empty:
                return
            waiting.task_done()
