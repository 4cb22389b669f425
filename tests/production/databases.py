"""Databases of a test's own on the stack's server, and `titan` commands upon them, here or in a process."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psycopg
from django.core.management import call_command
from django.db.utils import ConnectionHandler
from django.test import override_settings

from common.env import DatabaseURL
from tests.production.stack import Stack
from tests.production.stack import _point as point
from titan.settings.databases import database
from trading.services.price_stores import price_store

__all__ = ["Pair", "new_databases"]


@dataclass(frozen=True)
class Pair:
    """Two databases, default and timescale."""

    stack: Stack
    database_url: str
    timescale_url: str

    @property
    def variables(self) -> dict[str, str]:
        """Where the databases are, as the environment says it."""
        return {"TITAN_DATABASE_URL": self.database_url, "TITAN_TIMESCALE_URL": self.timescale_url}

    def titan(self, *arguments: str, check: bool = True, **variables: str) -> CompletedProcess[str]:
        """A `titan` command upon these databases, in a process."""
        return self.stack.titan(*arguments, check=check, **(self.variables | variables))

    @contextmanager
    def connect(self) -> Iterator[None]:
        """This process's models and services on these databases."""
        urls = {"default": self.database_url, "timescale": self.timescale_url}
        chosen = {name: database(DatabaseURL.parse(url), embedded=Path()) for name, url in urls.items()}
        before = point(ConnectionHandler(chosen).settings)
        try:
            yield
        finally:
            price_store().close()
            point(before)

    def call(self, command: str, *arguments: str, **settings: Any) -> tuple[int, str]:
        """A command in this process: exit code and what it said; a refusal raises."""
        out = io.StringIO()
        with self.connect(), override_settings(**settings):
            try:
                call_command(command, *arguments, stdout=out)
            except SystemExit as ended:
                return int(ended.code or 0), out.getvalue()
        return 0, out.getvalue()

    def rows(self, query: str, *, of_default: bool = False) -> list[tuple[Any, ...]]:
        """The answer of statements upon the bars' database."""
        with psycopg.connect(self.database_url if of_default else self.timescale_url) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def new_databases(stack: Stack, *, like: Pair | None = None) -> Iterator[Pair]:
    """Two databases, empty or copies of others that nobody uses any more, dropped at the end."""
    place = stack.timescale_url.rpartition("/")[0]
    names = [f"{kind}_{os.urandom(4).hex()}" for kind in ("own", "bars")]
    models = [url.rpartition("/")[2] for url in (like.database_url, like.timescale_url)] if like else []
    with psycopg.connect(f"{place}/postgres", autocommit=True) as connection:
        for model in (
            models
        ):  # TimescaleDB's own workers visit every database, and one that is visited can't be copied
            connection.execute(f'ALTER DATABASE "{model}" ALLOW_CONNECTIONS false')
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [model]
            )
        for name, model in zip(names, models or ["template0"] * 2, strict=True):
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{model}"')
        try:
            yield Pair(stack, *(f"{place}/{name}" for name in names))
        finally:
            for name in names:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
