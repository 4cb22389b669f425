"""Exchange calendars by name."""

import difflib

from titan_core.data.calendars import sessions_between
from titan_core.errors import InvalidInput
from trading.models import Symbol
from trading.services.refusals import Refusal

__all__ = ["check_calendar"]

# For guesses at what was meant; any other name the engine's calendars know is as good.
_COMMON = (
    "XNYS",
    "XNAS",
    "XLON",
    "XTKS",
    "XHKG",
    "XETR",
    "XPAR",
    "XAMS",
    "XTSE",
    "XASX",
    "CMES",
    "24/7",
    "24/5",
)
_USUAL = str(Symbol._meta.get_field("calendar").default)
_A_WEEK = ("2024-06-03", "2024-06-07")


def check_calendar(name: str) -> None:
    """Raise `Refusal` unless an exchange calendar has this name."""
    if name == _USUAL:  # the rule; spares a process that never counts sessions the loading of calendars
        return
    try:
        sessions_between(name, *_A_WEEK)
    except InvalidInput:
        close = difflib.get_close_matches(name.upper(), _COMMON, n=2, cutoff=0.4)
        guess = f" Did you mean {' or '.join(close)}?" if close else ""
        raise Refusal(
            f"There is no exchange calendar {name!r}.{guess} Names are like XNYS, XLON, XTKS and 24/7.",
            field="calendar",
        ) from None
