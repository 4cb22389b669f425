"""The base of services: every public operation in both forms, plain name async, ``_sync`` suffix sync."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from asgiref.current_thread_executor import CurrentThreadExecutor
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, async_to_sync, sync_to_async
from django.db import close_old_connections

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["BaseService", "async_form", "sync_wrap"]

T = TypeVar("T")
P = ParamSpec("P")


def async_form(method: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The awaitable form of a sync method: ``select_pairs = async_form(select_pairs_sync)``."""

    @wraps(method)
    async def form(*args: P.args, **kwargs: P.kwargs) -> T:
        return await BaseService.run_async(method, *args, **kwargs)

    return _renamed(form, method.__name__.removesuffix("_sync"))


def sync_wrap(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The sync form of an async method: ``ingest_sync = sync_wrap(ingest)``.

    Where the calling thread serves an event loop (a view, a job of the server) the method runs on that loop;
    elsewhere on one background loop of the process, never on a loop of its own. ORM work inside it comes back to
    the calling thread, so it sees the caller's transaction.
    """

    @wraps(method)
    def form(*args: P.args, **kwargs: P.kwargs) -> T:
        _refuse_on_event_loop(method.__name__)
        if _serves_event_loop():
            return async_to_sync(method)(*args, **kwargs)
        return _on_background_loop(method(*args, **kwargs))

    return _renamed(form, f"{method.__name__}_sync")


class BaseService:
    """What services share. They hold no state between calls, so one may be made wherever it is needed."""

    @staticmethod
    async def run_async(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a sync function off the event loop, in the thread where this context's ORM work runs.

        Connections that died while nobody looked are dropped before and after, as Django does around a request.
        """

        def call() -> T:
            close_old_connections()
            try:
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        return await sync_to_async(call, thread_sensitive=True)()

    sync_wrap = staticmethod(sync_wrap)


def _renamed(form: Callable[P, T], name: str) -> Callable[P, T]:
    form.__qualname__ = f"{form.__qualname__.rpartition('.')[0]}.{name}".lstrip(".")
    form.__name__ = name
    return form


def _refuse_on_event_loop(name: str) -> None:
    """Waiting here would stop the loop, and with it every request of the server."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return  # no loop runs in this thread: the usual case
    raise RuntimeError(f"{name}_sync was called on an event loop: await {name} there")


def _serves_event_loop() -> bool:
    """Whether this thread works for a loop that waits for it (asgiref leaves a note of the loop in the thread)."""
    loop = getattr(SyncToAsync.threadlocal, "main_event_loop", None)
    return loop is not None and loop.is_running()


def _on_background_loop(work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work` on the background loop, doing its thread-sensitive calls in this thread meanwhile."""
    here = CurrentThreadExecutor(None)

    async def run() -> T:
        async with ThreadSensitiveContext(executor=here):
            return await work

    done: Future[T] = asyncio.run_coroutine_threadsafe(run(), _background_loop())
    here.run_until_future(done)
    return done.result()


@cache
def _background_loop() -> asyncio.AbstractEventLoop:
    """The process's one loop for sync callers; its thread ends with the process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="titan-sync-wrap", daemon=True).start()
    return loop
