"""Named arrangements of tables: one's own, one of them the table's usual one."""

import json
from typing import Any

from django.db import IntegrityError, transaction

from trading.models import TableLayout
from trading.services.base_service import BaseService, async_form
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["MAX_LAYOUTS", "MAX_STATE_BYTES", "LayoutService"]

MAX_LAYOUTS = 200
MAX_STATE_BYTES = 16_384


class LayoutService(BaseService):
    """Everything about layouts."""

    def save_sync(self, layout: TableLayout, **changes: Any) -> TableLayout:
        """Keep a new or changed layout; made the default, it takes that from the table's former one."""
        for name, value in changes.items():
            setattr(layout, name, value)
        size = len(json.dumps(layout.state, separators=(",", ":")).encode())
        if size > MAX_STATE_BYTES:
            raise Refusal(
                f"The layout has {size:,} bytes, and {MAX_STATE_BYTES:,} are kept: leave out what is not arrangement.",
                field="state",
            )
        mine = TableLayout.objects.filter(owner_id=layout.owner_id)
        if layout._state.adding and mine.count() >= MAX_LAYOUTS:
            raise Refusal(f"You have {MAX_LAYOUTS} layouts already: delete one first.", code="conflict")
        try:
            with transaction.atomic():
                if layout.is_default:
                    others = mine.filter(table=layout.table, is_default=True).exclude(pk=layout.pk)
                    others.update(is_default=False)
                layout.save()
        except IntegrityError as error:
            raise Refusal(
                f"The table {layout.table} has a layout called {layout.name!r} already: choose another name.",
                field="name",
                code="conflict",
            ) from error
        return layout

    save = async_form(save_sync)

    def create_sync(self, *, owner: User, **fields: Any) -> TableLayout:
        """A new layout."""
        return self.save_sync(TableLayout(owner=owner), **fields)

    create = async_form(create_sync)
