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

        The newest event itself, where it tells of the state: written in one transaction with the row it tells of, it
        can't contradict the seq. Other news (a signal, a backtest's progress) is no state: it gives only the seq.
        Raises `DataUnavailable` for what this user may not watch.
        """
        state = self._subject(user, stream)
        if state is None:
            raise DataUnavailable("There is nothing with this number for you to watch.")
        event = Event.objects.filter(stream=stream).order_by("-seq").first()
        kind, data = state()
        if event is not None and (event.type == kind or stream.startswith("user_")):
            return events.envelope(event)
        # The seq is taken before the state: at worst what changed in between is said once more. Without events nothing
        # can have changed.
        seq = events.last_seq(stream) if event is None else event.seq
        if event is not None:
            kind, data = (self._subject(user, stream) or state)()
        return {
            "type": kind,
            "stream": stream,
            "seq": seq,
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
