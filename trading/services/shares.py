"""Links that show one scan, pair or backtest to whoever holds them, as long as their owner could see it too."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.audit import record
from titan_core.errors import DataUnavailable
from trading.models import BacktestRun, Scan, Share, ShareKind, TradingPair
from trading.services.base_service import BaseService, async_form
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["MAX_DAYS", "MAX_OPEN", "MAX_VIEW_BYTES", "OpenShare", "ShareService"]

Subject = Scan | TradingPair | BacktestRun

MAX_DAYS = 90
MAX_OPEN = 200
MAX_VIEW_BYTES = 4_096
_TOKEN_BYTES = 32  # 256 bits: nobody finds one by trying
_NOTHING = (
    "This link shows nothing: it expired, was withdrawn, or never was. Ask whoever sent it for another."
)


@dataclass(frozen=True, slots=True)
class OpenShare:
    """A link that holds, with the one thing it shows."""

    share: Share
    subject: Subject

    @property
    def owner_name(self) -> str | None:
        """Who shared it, where they asked to be named."""
        owner = self.share.owner
        return (owner.get_full_name() or owner.username) if self.share.shows_owner else None


class ShareService(BaseService):
    """Everything about links."""

    @transaction.atomic
    def create_sync(
        self,
        *,
        owner: User,
        kind: str,
        object_id: int,
        view: Mapping[str, Any] | None = None,
        expires_in_days: int = 30,
        title: str = "",
        shows_owner: bool = False,
    ) -> tuple[Share, str]:
        """A link and its token, which is kept nowhere and so can be told only now."""
        if not 1 <= expires_in_days <= MAX_DAYS:
            raise Refusal(f"A link holds for 1 to {MAX_DAYS} days.", field="expires_in_days")
        size = len(json.dumps(view or {}, separators=(",", ":")).encode())
        if size > MAX_VIEW_BYTES:
            raise Refusal(f"The view has {size:,} bytes, and {MAX_VIEW_BYTES:,} are kept.", field="view")
        subject = _subject(kind, object_id, owner)
        if subject is None:
            raise Refusal(f"You have no {kind} {object_id} to share.", field="object_id")
        now = timezone.now()
        if Share.objects.visible_to(owner).open_at(now).count() >= MAX_OPEN:
            raise Refusal(f"{MAX_OPEN} of your links are open: withdraw one first.", code="conflict")
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        share = Share.objects.create(
            owner=owner,
            kind=kind,
            object_id=object_id,
            view=dict(view or {}),
            title=title.strip() or _title(subject),
            shows_owner=shows_owner,
            token_hash=_hash(token),
            expires_at=now + timedelta(days=expires_in_days),
        )
        record("share_created", actor=owner, target=str(share), detail={"days": expires_in_days})
        return share, token

    create = async_form(create_sync)

    @transaction.atomic
    def revoke_sync(self, share: Share) -> None:
        """Withdraw a link: from now on it shows nothing. Twice changes nothing."""
        if Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record("share_revoked", actor=share.owner, target=str(share))

    revoke = async_form(revoke_sync)

    def opened_sync(self, token: str, *, now: datetime | None = None, count: bool = False) -> OpenShare:
        """What the holder of `token` may see. Raises `DataUnavailable`, in the same words whatever the reason.

        The owner must still be allowed to see and share it: rights taken from them are taken from their links.
        """
        share = (
            Share.objects.open_at(now or timezone.now())
            .select_related("owner")
            .filter(token_hash=_hash(token))
            .first()
        )
        subject = _subject(share.kind, share.object_id, share.owner) if share is not None else None
        if share is None or subject is None or not share.owner.has_perm("trading.add_share"):
            raise DataUnavailable(_NOTHING)
        if count:
            Share.objects.filter(pk=share.pk).update(views=F("views") + 1)
        return OpenShare(share, subject)

    opened = async_form(opened_sync)


def _subject(kind: str, object_id: int, owner: User) -> Subject | None:
    """The thing itself, where the owner may see it."""
    if kind == ShareKind.SCAN and owner.has_perm("trading.view_scan"):
        return Scan.objects.visible_to(owner).select_related("universe").filter(pk=object_id).first()
    if kind == ShareKind.PAIR:
        return TradingPair.objects.visible_to(owner).with_symbols().filter(pk=object_id).first()
    if kind == ShareKind.BACKTEST and owner.has_perm("trading.view_backtestrun"):
        runs = BacktestRun.objects.filter(owner=owner).select_related("universe", "result")
        return runs.filter(pk=object_id).first()
    return None


def _title(subject: Subject) -> str:
    if isinstance(subject, Scan):
        return f"Scan of {subject.universe or f'{len(subject.symbols)} symbols'}"
    return str(subject)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
