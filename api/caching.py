"""ETags of what is read often: found from counters of changes, before any of the work of the answer.

A tag is a hash of who asks, for what, and the state of everything the answer is made of: a number a table that the
database moves on with every change (`api.table_versions`), the number of writes of bars, and the code itself. The
state is read before the answer is made, so a change that falls between the two makes the next tag differ and no
answer outlives its data. Nothing goes by time.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.db.models import Model
from django.utils.http import parse_etags
from rest_framework.request import Request

from api.table_versions import versions_of
from trading.models import Price
from trading.services.market_data import MarketDataService

__all__ = ["CACHE_CONTROL", "VARY", "NotModified", "entity_tag", "is_known"]

# Private: an answer depends on who asks. No-cache: keep it, and ask each time whether it still holds.
CACHE_CONTROL = "private, no-cache"
VARY = ("Accept", "Authorization")
_ROOT = Path(__file__).resolve().parent.parent
_ROOMS = ("api", "trading", "common", "titan_core")


class NotModified(Exception):
    """What the caller holds is what would be answered; raised to answer 304 instead of working."""


def entity_tag(request: Request, models: Iterable[type[Model]]) -> str | None:
    """The tag of the answer to this request, made of these models; None where their changes are not counted.

    `Price` stands for the bars, whose writes the price store counts.
    """
    chosen = set(models)
    tables = versions_of(chosen - {Price})
    if tables is None:
        return None
    bars = MarketDataService().bars_version_sync() if Price in chosen else 0
    state = (
        request.user.pk,
        request.get_full_path(),
        request.accepted_renderer.media_type,
        tables,
        bars,
        _code(),
    )
    return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller holds the answer with this tag (``If-None-Match``)."""
    held = parse_etags(request.headers.get("If-None-Match", ""))
    return tag in held or f"W/{tag}" in held


@cache
def _code() -> str:
    """A hash of the code that makes answers: another version of it may answer otherwise from the same data."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((_ROOT / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
