"""Which rule gives the signals of registered pairs: one for all of them, so that a signal means the same everywhere."""

import math
from typing import Any

from django.conf import settings

from titan_core.errors import InvalidInput
from titan_core.strategy import Rule

__all__ = ["signal_rule"]

_DEFAULT: dict[str, Any] = {"name": "rolling", "window": 60, "entry_z": 2.0, "exit_z": 0.5, "stop_z": 4.0}


def signal_rule() -> Rule:
    """The rule that ``TITAN_SIGNAL_RULE`` names.

    Raises `InvalidInput` where it acts on money or shares: there is no account behind a signal.
    """
    rule = Rule.from_dict(dict(getattr(settings, "TITAN_SIGNAL_RULE", _DEFAULT)))
    for name, off in (("stop_loss", math.inf), ("take_profit", math.inf), ("rebalance_every", 0)):
        if getattr(rule, name) != off:
            raise InvalidInput(
                f"TITAN_SIGNAL_RULE has {name}: signals are decided without an account, so there is nothing to "
                "lose, take or rebalance; leave it out"
            )
    return rule
