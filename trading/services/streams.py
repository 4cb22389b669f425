"""Event streams as a person sees them: which they may watch, and what a stream says now."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from common import events
from common.events import Envelope
from common.models import Event
from titan_core.errors import DataUnavailable
from trading.models.jobs import Job
from trading.models.pairs import TradingPair
from trading.services.base_service import BaseService, async_form
from trading.services.jobs.payload import job_payload
from users.models import User

__all__ = ["StreamService"]


class StreamService(BaseService):
    """Permission and state of ``job_…``, ``pair_…`` and ``user_…`` streams, for sockets and ``events/`` alike."""

    def is_visible_sync(self, user: User, stream: str) -> bool:
        """Whether `user` may watch `stream`; a stream that doesn't exist is as invisible as another's."""
        return self._subject(user, stream) is not None

    is_visible = async_form(is_visible_sync)

    def snapshot_sync(self, user: User, stream: str) -> Envelope:
        """What a new watcher of `stream` is sent first, numbered with the newest seq.

        The newest event itself, where there is one: written in one transaction with the row it tells of, it can't
        contradict the seq. Raises `DataUnavailable` for what this user may not watch.
        """
        state = self._subject(user, stream)
        if state is None:
            raise DataUnavailable("There is nothing with this number for you to watch.")
        event = Event.objects.filter(stream=stream).order_by("-seq").first()
        if event is not None:
            return events.envelope(event)
        kind, data = state()
        # Read before the state, the seq would be too low, after it too high; without events it can't have moved.
        return {
            "type": kind,
            "stream": stream,
            "seq": events.last_seq(stream),
            "timestamp": events.instant(timezone.now()) or "",
            "data": events.json_safe(data),
        }

    snapshot = async_form(snapshot_sync)

    def _subject(self, user: User, stream: str) -> Callable[[], tuple[str, Any]] | None:
        """How to read the state of `stream`, None where `user` may not know of it."""
        kind, _, number = stream.rpartition("_")
        if not number.isascii() or not number.isdigit() or len(number) > 18:
            return None
        pk = int(number)
        if kind == "job":
            job = Job.objects.visible_to(user).filter(pk=pk).first()
            return (lambda: ("job_update", job_payload(job))) if job is not None else None
        if kind == "pair":
            pair = TradingPair.objects.visible_to(user).active().with_symbols().filter(pk=pk).first()
            return (lambda: ("pair_update", _pair_state(pair))) if pair is not None else None
        if kind == "user" and pk == user.pk:
            return lambda: ("subscribed", {})
        return None


def _pair_state(pair: TradingPair) -> dict[str, Any]:
    return {
        "id": pair.pk,
        "symbol_1": pair.symbol_1.ticker,
        "symbol_2": pair.symbol_2.ticker,
        "timeframe": pair.timeframe,
        "statistic": pair.statistic,
        "cointegration_pvalue": pair.cointegration_pvalue,
        "half_life": pair.half_life,
        "hedge_ratio": pair.hedge_ratio,
        "is_active": pair.is_active,
    }
