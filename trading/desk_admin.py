"""What people arranged for themselves, in Django's admin, to read: alerts, shares, layouts, watches.

Their owners change them in the application, where the audit trail, the schedule and open pages hear of it.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from trading.models import Alert, AlertDelivery, AlertRule, Share, TableLayout, Watch

__all__ = [
    "AlertAdmin",
    "AlertDeliveryAdmin",
    "AlertRuleAdmin",
    "ShareAdmin",
    "TableLayoutAdmin",
    "WatchAdmin",
]

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin  # generic to the type checker only


class _Shown(_Admin):
    """Rows to look at."""

    list_select_related: ClassVar[Any] = ("owner",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody edits one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes one here: it is its owner's."""
        return False


@admin.register(Alert)
class AlertAdmin(_Shown):
    """What people were told."""

    list_display = ("id", "owner", "kind", "severity", "title", "count", "last_at", "acknowledged_at")
    list_filter = ("severity", "kind")
    search_fields = ("owner__username", "title")


@admin.register(AlertRule)
class AlertRuleAdmin(_Shown):
    """What people want to be told."""

    list_display = ("id", "owner", "kind", "severity", "in_app", "is_active", "updated_at")
    list_filter = ("kind", "is_active")
    search_fields = ("owner__username",)


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(_Shown):
    """Whether alerts arrived. Channels have no page: the address of a webhook can be a secret of its owner."""

    list_display = ("id", "channel", "status", "attempts", "next_attempt_at", "delivered_at")
    list_filter = ("status",)
    search_fields = ("channel__owner__username",)
    list_select_related = ("channel",)


@admin.register(Share)
class ShareAdmin(_Shown):
    """Links that are out, without what opens them."""

    exclude = ("token_hash",)
    list_display = ("id", "owner", "kind", "title", "expires_at", "revoked_at", "views")
    list_filter = ("kind",)
    search_fields = ("owner__username", "title")


@admin.register(TableLayout)
class TableLayoutAdmin(_Shown):
    """How people arranged their tables."""

    list_display = ("id", "owner", "table", "name", "is_default")
    list_filter = ("table",)
    search_fields = ("owner__username", "name")


@admin.register(Watch)
class WatchAdmin(_Shown):
    """Which pairs people keep in sight."""

    list_display = ("id", "owner", "pair", "created_at")
    search_fields = ("owner__username",)
    list_select_related = ("owner", "pair__symbol_1", "pair__symbol_2")
