"""Hints that there are parts to help with; the rows are the truth, as for jobs."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

__all__ = ["hint"]

logger = logging.getLogger(__name__)


def hint(part_ids: Iterable[int], queue: str) -> None:
    """Hint at each part with the callable that ``TITAN_PART_DISPATCHER`` names; its failure is logged."""
    path = getattr(settings, "TITAN_PART_DISPATCHER", "trading.services.jobs.dispatch.wake_local")
    try:
        send = import_string(path)
        for part_id in part_ids:
            send(part_id, queue)
    except Exception:
        logger.exception("workers could not be hinted at parts; the sweep will hint again")
