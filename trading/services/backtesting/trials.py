"""The trial ledger: every configuration somebody saw the result of, counted once in its family.

A family is a rule, what it trades and a period. Its bars are not: whoever goes from days to weeks to months until it
shines has looked three times. Their one-bar Sharpe ratios are brought to the same bar before they are counted together.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from titan_core.backtesting.overfitting import TrialTally
from trading.models import Trial
from users.models import User

__all__ = ["configuration_of", "family_of", "record_trials", "tally_of", "turned"]


def family_of(*, rule: str, symbols: Iterable[Any], start: date, end: date) -> str:
    """Hash of rule, what is traded, and period.

    The period counts in years: whoever moves a start date by a month until it shines does not leave the family. Nor
    does whoever swaps the legs of a pair, told as "A/B", or takes other bars.
    """
    return _hash(
        {
            "rule": rule,
            "symbols": sorted("/".join(sorted(str(one).split("/"))) for one in symbols),
            "years": [start.year, end.year],
        }
    )


def configuration_of(*, timeframe: str, **settings: Any) -> str:
    """Hash of what distinguishes one configuration in its family."""
    return _hash({"timeframe": timeframe, "settings": _hash(settings)})


def turned(pairs: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """What tells a pair with its legs swapped from the pair, whose family it shares, for `configuration_of`."""
    names = sorted("/".join(pair) for pair in pairs if list(pair) != sorted(pair))
    return {"turned": names} if names else {}


def record_trials(
    *,
    owner: User,
    family: str,
    configuration: str,
    source: str,
    tally: TrialTally,
    n_obs: int,
    periods_per_year: float,
) -> None:
    """Count trials, told per bar of `periods_per_year`; the same configuration looked at again is the same trial."""
    Trial.objects.get_or_create(
        owner=owner,
        family=family,
        configuration=configuration,
        defaults={
            "source": source,
            "n_trials": max(1, tally.count),
            "n_obs": n_obs,
            "periods_per_year": periods_per_year,
            "mean_sharpe": tally.mean,
            "m2_sharpe": tally.square,
        },
    )


def tally_of(owner: User, family: str, *, periods_per_year: float) -> TrialTally:
    """All trials of a family by one person, per bar of a run with so many bars a year."""
    total = TrialTally()
    rows = Trial.objects.filter(owner=owner, family=family).order_by("pk")
    for count, mean, square, made_with in rows.values_list(
        "n_trials", "mean_sharpe", "m2_sharpe", "periods_per_year"
    ):
        total += TrialTally(count, mean, square).per_bar_of(periods_per_year, made_with or periods_per_year)
    return total


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
