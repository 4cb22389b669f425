"""What trading costs: spread, commission, impact, borrowed shares, borrowed money; and how orders are filled."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from titan_core.checks import as_choice, as_count, as_number
from titan_core.data.instants import as_instant
from titan_core.errors import InvalidInput

__all__ = [
    "Borrow",
    "BorrowRate",
    "Commission",
    "Costs",
    "Delisting",
    "Fill",
    "Financing",
    "Impact",
    "Recall",
]

Fill: TypeAlias = Literal["next_open", "next_close", "mid_range"]


_MOST_BPS = 10_000.0  # of the notional: all of it
_MOST_A_YEAR = 100.0  # of a rate: a hundred times what it is paid on
_MOST_MONEY = 1e9
_MOST_COEFFICIENT = 1e3


def _not_negative(record: object, *names: str, most: float = math.inf) -> None:
    """Refuse a cost that would pay the trader, and one so great that no account could be kept to the cent."""
    for name in names:
        value = as_number(getattr(record, name), name)
        if value < 0.0:
            raise InvalidInput(f"{name} is {value}: a cost can't be negative")
        if value > most:
            raise InvalidInput(f"{name} is {value}: it must be at most {most:,.0f}")


@dataclass(frozen=True, slots=True)
class Commission:
    """max(minimum, bps · notional + per_share · shares) + per_order, for each leg and each bar it is filled on.

    Attributes
    ----------
    bps : of the notional; per_share : money a share traded that day; minimum, per_order : money
    """

    bps: float = 0.0
    per_share: float = 0.0
    minimum: float = 0.0
    per_order: float = 0.0

    def __post_init__(self) -> None:
        """None is negative, or greater than any market's."""
        _not_negative(self, "bps", most=_MOST_BPS)
        _not_negative(self, "per_share", "minimum", "per_order", most=_MOST_MONEY)


@dataclass(frozen=True, slots=True)
class Impact:
    """Square-root impact and a cap on participation, both from the mean volume and deviation of earlier bars.

    Attributes
    ----------
    coefficient : impact = coefficient · σ · √(shares / mean daily volume), as a fraction of the notional; about 1
    participation : at most this fraction of the mean volume is filled a bar, both legs alike; inf = no cap
    window : earlier bars the mean and deviation are taken of (at least 5 must be there)
    """

    coefficient: float = 0.0
    participation: float = math.inf
    window: int = 20

    def __post_init__(self) -> None:
        """A coefficient, a share above zero, a window."""
        _not_negative(self, "coefficient", most=_MOST_COEFFICIENT)
        as_count(self.window, "window", minimum=5)
        if not self.participation > 0.0:
            raise InvalidInput(
                f"participation is {self.participation}: nothing would ever be filled; inf = no cap"
            )

    @property
    def is_on(self) -> bool:
        """Whether volumes are needed."""
        return self.coefficient > 0.0 or math.isfinite(self.participation)


@dataclass(frozen=True, slots=True)
class BorrowRate:
    """From ``timestamp`` on the shares of ``symbol`` cost ``rate_annual`` a year; None = they can't be borrowed."""

    symbol: str
    timestamp: np.datetime64
    rate_annual: float | None

    def __post_init__(self) -> None:
        """An instant, and a fee that is none or not negative."""
        object.__setattr__(self, "timestamp", as_instant(self.timestamp, f"borrow rate of {self.symbol}"))
        if self.rate_annual is not None:
            _not_negative(self, "rate_annual", most=_MOST_A_YEAR)


@dataclass(frozen=True, slots=True)
class Recall:
    """The lender wants the shares of ``symbol`` back: a short of it is left from the first close at or after this."""

    symbol: str
    timestamp: np.datetime64

    def __post_init__(self) -> None:
        """An instant."""
        object.__setattr__(self, "timestamp", as_instant(self.timestamp, f"recall of {self.symbol}"))


@dataclass(frozen=True, slots=True)
class Borrow:
    """Fee on borrowed shares: previous close · rate · calendar days / 360.

    Attributes
    ----------
    rate_annual : for every symbol, where ``rates`` says nothing (yet)
    rates : tuple of BorrowRate, changes by symbol and date
    recalls : tuple of Recall
    """

    rate_annual: float = 0.0
    rates: tuple[BorrowRate, ...] = ()
    recalls: tuple[Recall, ...] = ()

    def __post_init__(self) -> None:
        """The fee is not negative."""
        _not_negative(self, "rate_annual", most=_MOST_A_YEAR)


@dataclass(frozen=True, slots=True)
class Financing:
    """Interest on the account: calendar days / 360.

    Idle money is equity less what the longs are worth (the proceeds of shorts lie with the lender). Below zero it is a
    loan and pays ``debit_rate_annual``; above zero it earns ``credit_rate_annual``.
    """

    debit_rate_annual: float = 0.0
    credit_rate_annual: float = 0.0

    def __post_init__(self) -> None:
        """Rates are not negative."""
        _not_negative(self, "debit_rate_annual", "credit_rate_annual", most=_MOST_A_YEAR)


@dataclass(frozen=True, slots=True)
class Delisting:
    """``symbol`` trades no more from ``timestamp`` on; ``value`` is its last return.

    Where None, a long loses 30 % and a short gains nothing: what is not known is taken to be bad.
    """

    symbol: str
    timestamp: np.datetime64
    value: float | None = None

    def __post_init__(self) -> None:
        """An instant, and a return not below -1."""
        object.__setattr__(self, "timestamp", as_instant(self.timestamp, f"delisting of {self.symbol}"))
        if self.value is not None and as_number(self.value, "value") < -1.0:
            raise InvalidInput(
                f"{self.symbol} is delisted with a return of {self.value}: it can't be below -1"
            )


@dataclass(frozen=True, slots=True)
class Costs:
    """Everything between a decision and the money.

    Attributes
    ----------
    fill : "next_open", "next_close" or "mid_range" (half of high and low) of the first later bar both legs have
    half_spread_bps : of the notional, for all symbols or by symbol (others pay nothing)
    commission, impact, borrow, financing : as in the classes above
    lot : shares are cut to whole multiples of it; 0 = any fraction
    legging_bps : of the smaller leg's notional, on every fill: the price of being unhedged between the two legs
    limit_bps : an entry waits where the pair has moved against it by more than this since its decision; both legs or
        neither. Exits never wait.
    expires_after : bars after which an order is given up; an exit is then decided again
    """

    fill: Fill = "next_close"
    half_spread_bps: float | Mapping[str, float] = 0.0
    commission: Commission = field(default_factory=Commission)
    impact: Impact = field(default_factory=Impact)
    borrow: Borrow = field(default_factory=Borrow)
    financing: Financing = field(default_factory=Financing)
    lot: float = 0.0
    legging_bps: float = 0.0
    limit_bps: float = math.inf
    expires_after: int = 3

    def __post_init__(self) -> None:
        """Each value alone."""
        as_choice(self.fill, "fill", get_args(Fill))
        _not_negative(self, "lot")
        _not_negative(self, "legging_bps", most=_MOST_BPS)
        as_count(self.expires_after, "expires_after", minimum=1)
        spreads = self.half_spread_bps
        for name, value in spreads.items() if isinstance(spreads, Mapping) else (("all symbols", spreads),):
            if not 0.0 <= as_number(value, "half_spread_bps") < 10_000.0:
                raise InvalidInput(f"half_spread_bps of {name} is {value}: it must be from 0 to below 10,000")
        if not self.limit_bps >= 0.0:
            raise InvalidInput(f"limit_bps is {self.limit_bps}: it can't be negative; inf = no limit")

    def half_spread_of(self, symbol: str) -> float:
        """Half of the quoted spread, as a fraction of the price."""
        spreads = self.half_spread_bps
        return (spreads.get(symbol, 0.0) if isinstance(spreads, Mapping) else spreads) / 1e4

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values: times as ISO text, infinity as None."""
        values: dict[str, Any] = _plain(asdict(self))
        return values


def _plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.datetime64):
        return str(value)
    return None if isinstance(value, float) and math.isinf(value) else value
