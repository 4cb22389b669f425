"""Bounds on a book: gross, net, pair, symbol and sector, as multiples of equity."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from titan_core.errors import InvalidInput
from titan_core.risk import kernels as k
from titan_core.types import Float1D

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    r"""How much may be held, as multiples of equity at the close an entry is decided; infinity = no bound.

    Entries are cut so that the book with them stays within every bound, whichever positions are left first; what is
    held already is never forced out by a bound, prices may carry it beyond.

    Attributes
    ----------
    gross : Σ of all legs' values; net : \\|Σ of signed values\\|
    pair : both legs of one pair; symbol : one symbol, netted over pairs; sector : all legs of a sector
    """

    gross: float = 2.0
    net: float = math.inf
    pair: float = math.inf
    symbol: float = math.inf
    sector: float = math.inf

    def __post_init__(self) -> None:
        """Every bound is above zero."""
        for name, value in asdict(self).items():
            if not value > 0.0:
                raise InvalidInput(f"limit {name} is {value}: nothing could be held; infinity = no bound")

    def vector(self) -> Float1D:
        """The bounds as the kernels read them, shape (N_LIMITS,)."""
        bounds = np.empty(k.N_LIMITS)
        bounds[k.L_GROSS], bounds[k.L_NET], bounds[k.L_PAIR] = self.gross, self.net, self.pair
        bounds[k.L_SYMBOL], bounds[k.L_SECTOR] = self.symbol, self.sector
        return bounds

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, infinity as None."""
        return {name: None if math.isinf(value) else value for name, value in asdict(self).items()}
