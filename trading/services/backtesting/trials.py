"""The trial ledger: every configuration somebody saw the result of, counted once in its family."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from titan_core.backtesting.overfitting import TrialTally
from trading.models import Trial
from users.models import User

__all__ = ["configuration_of", "family_of", "record_trials", "tally_of", "turned"]


def family_of(*, rule: str, symbols: Iterable[Any], start: date, end: date, timeframe: str) -> str:
    """Hash of rule, what is traded, and period.

    The period counts in years: whoever moves a start date by a month until it shines does not leave the family. Nor
    does whoever swaps the legs of a pair, told as "A/B".
    """
    return _hash(
        {
            "rule": rule,
            "symbols": sorted("/".join(sorted(str(one).split("/"))) for one in symbols),
            "years": [start.year, end.year],
            "timeframe": timeframe,
        }
    )


def configuration_of(**settings: Any) -> str:
    """Hash of what distinguishes one configuration in its family."""
    return _hash(settings)


def turned(pairs: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """What tells a pair with its legs swapped from the pair, whose family it shares, for `configuration_of`."""
    names = sorted("/".join(pair) for pair in pairs if list(pair) != sorted(pair))
    return {"turned": names} if names else {}


def record_trials(
    *, owner: User, family: str, configuration: str, source: str, tally: TrialTally, n_obs: int
) -> None:
    """Count trials; the same configuration looked at again is the same trial."""
    Trial.objects.get_or_create(
        owner=owner,
        family=family,
        configuration=configuration,
        defaults={
            "source": source,
            "n_trials": max(1, tally.count),
            "n_obs": n_obs,
            "mean_sharpe": tally.mean,
            "m2_sharpe": tally.square,
        },
    )


def tally_of(owner: User, family: str) -> TrialTally:
    """All trials of a family by one person."""
    total = TrialTally()
    rows = Trial.objects.filter(owner=owner, family=family).order_by("pk")
    for count, mean, square in rows.values_list("n_trials", "mean_sharpe", "m2_sharpe"):
        total += TrialTally(count, mean, square)
    return total


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
