"""The steps that make a tree ready to serve; each finds out quickly that it has been done."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from common.env import DemoAccount, demo_account

__all__ = ["console", "demo", "describe_account", "migrate", "progress_bar", "warm"]


def console() -> Console:
    """Where people are told things: stdout, without colours and bars when it is a file."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar with count and time, gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        yield progress


def migrate() -> None:
    """Bring both databases up to date; nothing is run when they are."""
    for alias in connections:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with console().status("Preparing the databases"):
                call_command("migrate", verbosity=0, interactive=False)
            return


def warm(*, quiet: bool = False) -> None:
    """Fill the kernel cache unless a former run did."""
    from titan_core.kernels import cache_directory, warm_up

    done = cache_directory() / ".warm"
    if done.exists():
        return
    if quiet:
        warm_up()
    else:
        with console().status("Compiling the engine (a minute, the first time only)"):
            warm_up()
    done.touch()


def demo() -> tuple[DemoAccount, bool]:
    """The demo's data and account; and whether the account's password still holds."""
    from trading.services.demo import DemoService
    from trading.services.demo_runs import DemoRunsService

    service = DemoService()
    if not service.is_loaded_sync():
        with progress_bar() as bar:
            task = bar.add_task("Loading prices", total=None)
            service.load_sync(lambda done, total: bar.update(task, completed=done, total=total))
    environment = settings.ENVIRONMENT
    account = demo_account(environment)
    holds = service.ensure_user_sync(account, reset_password=environment.demo_password is not None)
    service.watch_first_pairs_sync(account.username)
    with console().status("Trying a first backtest and a small walk-forward"):
        DemoRunsService().make_first_runs_sync(account.username)
    return account, holds


def describe_account(account: DemoAccount, *, password_holds: bool) -> str:
    """The account in a line for the person at the terminal."""
    if password_holds:
        return f"{account.username}  password  {account.password}"
    return f"{account.username}  with the password you have set (TITAN_DEMO_PASSWORD=… sets another)"
