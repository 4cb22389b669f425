"""The event log in Django's admin, to read."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from common.models import Event

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Event]
else:
    _Admin = admin.ModelAdmin  # generic to the type checker only


@admin.register(Event)
class EventAdmin(_Admin):
    """Events; they are appended by the software and never edited."""

    list_display = ("id", "stream", "seq", "type", "created_at")
    list_filter = ("type",)
    search_fields = ("=stream",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Nobody edits one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Housekeeping prunes them by age."""
        return False
