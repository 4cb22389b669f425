"""Queries a request makes, by route: more is a regression, fewer belongs into the baseline too.

``TITAN_TEST_WRITE_QUERY_COUNTS=1 pytest tests/web/test_query_counts.py`` writes ``query_counts.json`` anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.web.routes import ENTRIES, World, missing, served
from trading.models import Universe
from trading.services.pair_analysis import PairAnalysisService
from users.models import User

BASELINE = Path(__file__).parent / "query_counts.json"
COMMAND = "TITAN_TEST_WRITE_QUERY_COUNTS=1 python -m pytest tests/web/test_query_counts.py"
_NO_WORK = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")


@pytest.mark.sqlite
def test_every_route_makes_as_many_queries_as_written(
    universe: Universe, admin: User, other_trader: User, client_of: Any
) -> None:
    pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=other_trader)
    world, counts = World(universe, pair), {}
    for route in served():
        entry = ENTRIES[str(route)]
        person = User.objects.get(pk=admin.pk)  # no permissions remembered from the last request
        client = client_of(person)
        cache.clear()
        with transaction.atomic():
            made = entry.make(world, person) if entry.make else None
            with (
                CaptureQueriesContext(connection) as here,
                CaptureQueriesContext(connections["timescale"]) as there,
            ):
                answer = entry.ask(client, route, made)
                _ = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        assert answer.status_code == entry.ok, (str(route), answer.content)
        asked = [query["sql"] for query in [*here, *there] if not query["sql"].startswith(_NO_WORK)]
        counts[str(route)] = len(asked)
    if os.environ.get("TITAN_TEST_WRITE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(dict(sorted(counts.items())), indent=1) + "\n")
    written = json.loads(BASELINE.read_text())
    differing = {
        route: f"{written.get(route)} written, {counts.get(route)} made"
        for route in sorted(set(written) | set(counts))
        if written.get(route) != counts.get(route)
    }
    assert not differing, f"{differing}. Mend it, or where it is meant: {COMMAND}"
    assert not missing()
