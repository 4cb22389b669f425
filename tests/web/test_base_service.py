"""Both forms of an operation: same answer, one event loop, and connections that behave."""

import asyncio
import inspect
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from trading.models import Symbol
from trading.services.base_service import BaseService, async_form, sync_wrap


class Notebook(BaseService):
    """A service with one operation written sync, one written async."""

    def add_sync(self, ticker: str, *, name: str = "") -> Symbol:
        """Add a symbol."""
        return Symbol.objects.create(ticker=ticker, name=name)

    add = async_form(add_sync)

    async def count(self) -> int:
        """Count symbols."""
        return await Symbol.objects.acount()

    count_sync = sync_wrap(count)

    async def loop_of_call(self) -> int:
        return id(asyncio.get_running_loop())

    loop_of_call_sync = sync_wrap(loop_of_call)

    async def fail(self) -> None:
        raise LookupError("not in the notebook")

    fail_sync = sync_wrap(fail)

    async def thread_of_orm(self) -> int:
        return await sync_to_async(threading.get_ident, thread_sensitive=True)()

    thread_of_orm_sync = sync_wrap(thread_of_orm)


def test_forms_are_named_and_documented_as_they_are_called() -> None:
    assert Notebook.add.__name__ == "add"
    assert Notebook.add.__qualname__ == "Notebook.add"
    assert Notebook.add.__doc__ == "Add a symbol."
    assert inspect.iscoroutinefunction(Notebook.add)
    assert Notebook.count_sync.__name__ == "count_sync"
    assert not inspect.iscoroutinefunction(Notebook.count_sync)
    assert list(inspect.signature(Notebook.add).parameters) == ["self", "ticker", "name"]


@pytest.mark.django_db(transaction=True)
async def test_the_async_form_does_what_the_sync_one_does() -> None:
    symbol = await Notebook().add("KO", name="Coca-Cola")
    assert (symbol.ticker, symbol.name) == ("KO", "Coca-Cola")
    assert await Notebook().count() == 1


@pytest.mark.django_db(transaction=True)
async def test_async_forms_in_parallel_all_arrive() -> None:
    await asyncio.gather(*(Notebook().add(f"S{i}") for i in range(20)))
    assert await Notebook().count() == 20


@pytest.mark.django_db(transaction=True)
def test_the_sync_form_sees_the_callers_transaction() -> None:
    with transaction.atomic():
        Symbol.objects.create(ticker="KO")
        assert Notebook().count_sync() == 1  # another connection would see 0
        transaction.set_rollback(True)
    assert Notebook().count_sync() == 0


def test_sync_calls_share_one_event_loop() -> None:
    service = Notebook()
    loops = {service.loop_of_call_sync() for _ in range(5)}
    others: list[int] = []
    threads = [threading.Thread(target=lambda: others.append(service.loop_of_call_sync())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loops | set(others)) == 1


async def test_under_a_server_the_sync_form_runs_on_the_servers_loop() -> None:
    def view() -> int:
        return Notebook().loop_of_call_sync()

    assert await sync_to_async(view)() == id(asyncio.get_running_loop())


def test_orm_work_of_a_sync_call_happens_in_the_callers_thread() -> None:
    assert Notebook().thread_of_orm_sync() == threading.get_ident()


def test_errors_come_through() -> None:
    with pytest.raises(LookupError, match="not in the notebook"):
        Notebook().fail_sync()


async def test_the_sync_form_refuses_to_block_an_event_loop() -> None:
    with pytest.raises(RuntimeError, match="count_sync was called on an event loop: await count there"):
        Notebook().count_sync()


@pytest.mark.django_db(transaction=True)
async def test_a_connection_that_died_is_replaced() -> None:
    service = Notebook()

    def kill() -> None:
        connection.ensure_connection()
        connection.connection.close()  # the driver's connection, behind Django's back
        connection.errors_occurred = True

    await sync_to_async(kill)()
    assert (await service.add("PEP")).ticker == "PEP"


@pytest.mark.django_db(transaction=True)
async def test_no_connection_is_left_open_in_the_servers_threads() -> None:
    """Under ASGI each request has a thread of its own: a connection kept in it would never be used again."""
    await Notebook().add("KO")
    assert await sync_to_async(lambda: connection.connection)() is None


@pytest.mark.django_db(transaction=True)
async def test_run_async_passes_arguments_and_results() -> None:
    def total(*values: int, start: int) -> int:
        return sum(values, start)

    result: Any = await BaseService.run_async(total, 1, 2, start=10)
    assert result == 13
