"""What each kind of rule can be told, with defaults and bounds; anything else is refused by name."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from trading.models import AlertKind, JobKind, Universe
from trading.services.refusals import Refusal

__all__ = ["NAMES", "full_parameters"]

Check = Callable[[str, Any], Any]


def _number(low: float, high: float, *, whole: bool) -> Check:
    def check(name: str, value: Any) -> float | int:
        kind = "whole number" if whole else "number"
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or (whole and int(value) != value) or not low <= value <= high:
            raise _refusal(name, f"{value!r} is no {kind} from {low:g} to {high:g}.")
        return int(value) if whole else float(value)

    return check


def _job_kinds(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not set(map(str, value)) <= set(JobKind.values):
        raise _refusal(name, f"{value!r} is no list of job kinds; there are {', '.join(JobKind.values)}.")
    return sorted(set(map(str, value)))


def _universe(name: str, value: Any) -> int | None:
    if value is None:
        return None
    is_id = isinstance(value, int) and not isinstance(value, bool)
    if not is_id or not Universe.objects.filter(pk=value).exists():
        raise _refusal(name, f"There is no universe {value!r}; see universes/ for those there are.")
    return int(value)


# The default of each parameter, and what checks it.
_OF_KIND: dict[str, dict[str, tuple[Any, Check]]] = {
    AlertKind.JOB_FAILED: {"job_kinds": ([], _job_kinds)},
    AlertKind.JOB_COMPLETED: {
        "job_kinds": ([], _job_kinds),
        "min_seconds": (0.0, _number(0, 86_400, whole=False)),
    },
    AlertKind.SCAN_DISCOVERIES: {
        "min_discoveries": (1, _number(1, 1_000_000, whole=True)),
        "universe": (None, _universe),
    },
    AlertKind.DATA_STALE: {
        "max_sessions": (1, _number(0, 1_000, whole=True)),
        "universe": (None, _universe),
    },
    AlertKind.ROWS_SET_ASIDE: {"min_rows": (1, _number(1, 1_000_000_000, whole=True))},
    AlertKind.COVERAGE_LOW: {
        "min_coverage": (0.98, _number(0.0, 1.0, whole=False)),
        "universe": (None, _universe),
    },
    AlertKind.SIGNAL: {"min_confidence": (0.0, _number(0.0, 1.0, whole=False))},
}
NAMES = sorted({name for of_kind in _OF_KIND.values() for name in of_kind})


def full_parameters(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a rule of `kind`, defaults filled in. Raises `Refusal` naming the one that must change."""
    known = _OF_KIND[kind]
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f" Did you mean {close[0]!r}?" if close else ""
            raise _refusal(name, f"Rules of kind {kind} have {', '.join(known)}, not {name!r}.{guess}")
    return {
        name: check(name, given[name]) if name in given else default
        for name, (default, check) in known.items()
    }


def _refusal(name: str, message: str) -> Refusal:
    return Refusal(message, field=f"parameters.{name}")
