"""Limits, compiled: how far the entries of one close must shrink so that the book stays within its bounds."""

from titan_core.kernels import inlined
from titan_core.types import Float1D, Int1D

# Bounds as fractions of equity; infinity = none.
L_GROSS, L_NET, L_PAIR, L_SYMBOL, L_SECTOR = 0, 1, 2, 3, 4
N_LIMITS = 5


@inlined
def room(limit: float, used: float, wanted: float) -> float:
    """The share of ``wanted`` that fits between what is used and the limit, 0 to 1."""
    if used + wanted <= limit:
        return 1.0
    return (limit - used) / wanted if limit > used and wanted > 0.0 else 0.0


@inlined
def limit_entries(
    equity: float,
    limits: Float1D,
    legs: Int1D,
    sectors: Int1D,
    held: Float1D,
    wanted: Float1D,
    factors: Float1D,
    by_symbol: Float1D,
    by_sector: Float1D,
) -> None:
    """Write to ``factors`` the share of each pair's wanted entry that all limits leave; 0 where none is wanted.

    Every limit is looked at with all entries of this close at once, and a pair gets the least of its factors: so no
    pair is served before another, and their order can't matter. A symbol's longs and shorts net against each other, but
    any of them may be left first: the larger side counts, so that no exit breaks a limit. So does the larger side of
    the pairs' own nets. What is new is counted at its full size.

    Parameters
    ----------
    legs : (2·n_pairs,) symbol of each leg; sectors : (n_symbols,) sector of each symbol, -1 = none
    held, wanted : (2·n_pairs,) signed dollars of each leg, held or ordered before, and newly wanted
    by_symbol : (3·n_symbols,), by_sector : (2·n_sectors,) working space
    """
    n = factors.size
    by_symbol[:] = 0.0
    by_sector[:] = 0.0
    n_symbols, n_sectors = by_symbol.size // 3, by_sector.size // 2
    gross = up = down = new_gross = new_net = 0.0
    for j in range(n):
        one, two = wanted[2 * j], wanted[2 * j + 1]
        size = abs(one) + abs(two)
        factors[j] = min(1.0, limits[L_PAIR] * equity / size) if size > 0.0 else 0.0
        new_net += abs(one + two) * factors[j]
        own = held[2 * j] + held[2 * j + 1]
        up += max(own, 0.0)
        down += max(-own, 0.0)
        for k in range(2 * j, 2 * j + 2):
            symbol = legs[k]
            sector = sectors[symbol]
            gross += abs(held[k])
            new_gross += abs(wanted[k]) * factors[j]
            by_symbol[symbol] += max(held[k], 0.0)
            by_symbol[n_symbols + symbol] += max(-held[k], 0.0)
            by_symbol[2 * n_symbols + symbol] += abs(wanted[k]) * factors[j]
            if sector >= 0:
                by_sector[sector] += abs(held[k])
                by_sector[n_sectors + sector] += abs(wanted[k]) * factors[j]
    common = room(limits[L_GROSS] * equity, gross, new_gross)
    common = min(common, room(limits[L_NET] * equity, max(up, down), new_net))
    for j in range(n):
        if factors[j] == 0.0:
            continue
        least = common
        for k in range(2 * j, 2 * j + 2):
            symbol = legs[k]
            sector = sectors[symbol]
            used = max(by_symbol[symbol], by_symbol[n_symbols + symbol])
            least = min(least, room(limits[L_SYMBOL] * equity, used, by_symbol[2 * n_symbols + symbol]))
            if sector >= 0:
                least = min(
                    least, room(limits[L_SECTOR] * equity, by_sector[sector], by_sector[n_sectors + sector])
                )
        factors[j] *= least


def warm_up() -> None:
    """Nothing to compile here: the limits are part of the portfolio's kernel."""
