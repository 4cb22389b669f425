"""Pairs under watch: where their spreads stand now, from the last bars alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from trading.models import TradingPair, Watch
from trading.services.base_service import BaseService, async_form
from trading.services.refusals import Refusal
from trading.services.signals.triggers import pair_watched
from trading.services.spread_tails import SpreadTail, spread_tails
from users.models import TradingPreferences, User

__all__ = ["MAX_WATCHED", "WatchService", "WatchedPair"]

MAX_WATCHED = 200


@dataclass(frozen=True, slots=True)
class WatchedPair:
    """A pair with where its spread stands; field names are the API's. None where its bars don't tell."""

    pair: TradingPair
    z_score: float | None
    spread: float | None
    as_of: datetime | None
    sparkline: list[float | None]
    entry_z: float
    exit_z: float


class WatchService(BaseService):
    """Everything about watched pairs."""

    def watch_sync(self, *, owner: User, pair: TradingPair) -> None:
        """Put a pair under watch; twice changes nothing."""
        if Watch.objects.filter(owner=owner, pair=pair).exists():
            return
        if Watch.objects.filter(owner=owner).count() >= MAX_WATCHED:
            raise Refusal(f"You watch {MAX_WATCHED} pairs already: let one go first.", code="conflict")
        try:
            with transaction.atomic():
                Watch.objects.create(owner=owner, pair=pair)
                pair_watched(pair)
        except IntegrityError:  # two clicks at once
            return

    watch = async_form(watch_sync)

    def unwatch_sync(self, *, owner: User, pair: TradingPair) -> None:
        """Let a pair go; twice changes nothing."""
        Watch.objects.filter(owner=owner, pair=pair).delete()

    unwatch = async_form(unwatch_sync)

    def watches_sync(self, owner: User) -> QuerySet[Watch]:
        """What this person watches, newest first; retired pairs are left out."""
        return Watch.objects.filter(owner=owner, pair__is_active=True)

    watches = async_form(watches_sync)

    def described_sync(self, watches: Sequence[Watch], *, owner: User) -> list[WatchedPair]:
        """Watches as they are shown, in a number of reads that does not grow with theirs."""
        preferences = TradingPreferences.objects.of(owner)
        pairs = [watch.pair for watch in watches]
        tails = spread_tails(pairs)
        return [_described(pair, tails.get(pair.pk), preferences) for pair in pairs]

    described = async_form(described_sync)


def _described(pair: TradingPair, tail: SpreadTail | None, preferences: Any) -> WatchedPair:
    return WatchedPair(
        pair=pair,
        z_score=tail.z_score if tail else None,
        spread=tail.spread if tail else None,
        as_of=tail.as_of if tail else None,
        sparkline=tail.sparkline if tail else [],
        entry_z=preferences.entry_z,
        exit_z=preferences.exit_z,
    )
