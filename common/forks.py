"""What a forked child does with the database connections of its parent: it lets them be.

A pool's threads do not live on in a child, so the first query there would wait for a connection for ever; and a child
that closed an inherited connection would end its parent's session on the server.
"""

import os
from typing import Any

from django.db import connections

__all__ = ["forget_inherited_connections", "watch_forks"]

_inherited: list[Any] = []  # kept, for closing comes with being collected too


def forget_inherited_connections() -> None:
    """Make this process open connections and pools of its own."""
    for connection in connections.all(initialized_only=True):
        pools = getattr(connection, "_connection_pools", None)
        if pools:
            _inherited.extend(pools.values())
            pools.clear()
        if connection.vendor == "postgresql" and connection.connection is not None:
            _inherited.append(connection.connection)
            connection.connection = None


def watch_forks() -> None:
    """Do so in every child from now on; once a process."""
    if hasattr(os, "register_at_fork") and not _watched:
        os.register_at_fork(after_in_child=forget_inherited_connections)
        _watched.append(True)


_watched: list[bool] = []
