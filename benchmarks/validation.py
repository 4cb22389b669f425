"""Size and power of what judges backtests, by simulation; makes the tables of docs/validation.md.

Not a race, so it has no row in the benchmark table: ``python -m benchmarks.validation [rounds]``.
"""

import sys

import numpy as np

from titan_core.analysis.unit_roots import unit_root_power, unit_root_tests
from titan_core.backtesting.comparison import compare_sharpe_ratios
from titan_core.backtesting.metrics import sharpe_ratio
from titan_core.backtesting.overfitting import (
    BlockSums,
    probabilistic_sharpe,
    probability_of_overfitting,
    superior_ability,
)
from titan_core.statistics.moments import Moments
from titan_core.types import Float2D


def _ma(rng: np.random.Generator, shape: tuple[int, int], theta: float) -> Float2D:
    """Student-t shocks, moving average of order one along the first axis."""
    shocks = rng.standard_t(5, (shape[0] + 1, shape[1])) * np.sqrt(0.6)
    return np.asarray(shocks[1:] + theta * shocks[:-1])


def sharpe_error(rounds: int) -> None:
    """Share of 95 % intervals that hold the true Sharpe ratio."""
    print("| bars | returns | plain error | with Newey-West lags |\n|---|---|---|---|")
    for n in (250, 1_000, 2_520):
        for theta, name in ((0.0, "independent, t5"), (0.3, "MA(1), 0.3"), (-0.3, "MA(1), -0.3")):
            rng = np.random.default_rng(1)
            x = _ma(rng, (n, rounds), theta) + 0.06
            deviation = np.sqrt(1.0 + theta**2)
            held = []
            for lags in (0, 8):
                found = [sharpe_ratio(column, 1, lags=lags) for column in x.T]
                held.append(
                    np.mean([abs(m.value - 0.06 / deviation) <= 1.96 * m.standard_error for m in found])
                )
            print(f"| {n:,} | {name} | {held[0]:.1%} | {held[1]:.1%} |", flush=True)


def probabilistic(rounds: int) -> None:
    """Share of strategies without skill that the probabilistic Sharpe ratio calls significant at 5 %."""
    print("| bars | law | called significant |\n|---|---|---|")
    for n in (250, 2_520):
        rng = np.random.default_rng(2)
        for name, draws in (
            ("normal", rng.normal(size=(rounds, n))),
            ("t5", rng.standard_t(5, (rounds, n))),
            ("gamma, skew +1.4", rng.gamma(2.0, size=(rounds, n)) - 2.0),
            ("gamma, skew -1.4", 2.0 - rng.gamma(2.0, size=(rounds, n))),
        ):
            called = np.mean([probabilistic_sharpe(Moments.of(row)) >= 0.95 for row in draws])
            print(f"| {n:,} | {name} | {called:.1%} |", flush=True)


def superior(rounds: int) -> None:
    """Size of Hansen's test with 15 strategies, and power with one of annual Sharpe 2 among them."""
    print("| bars | returns | block | size | power |\n|---|---|---|---|---|")
    for n in (250, 1_000, 2_520):
        for theta, name in ((0.0, "independent"), (0.3, "MA(1), 0.3")):
            for length in (None, np.sqrt(n)):
                rng = np.random.default_rng(3)
                size, power = [], []
                for _ in range(rounds):
                    x = _ma(rng, (n, 15), theta) * rng.uniform(0.2, 3.0, 15)
                    size.append(superior_ability(x, generator=rng, n_draws=200, block_length=length).pvalue)
                    x[:, 3] += x[:, 3].std() * 2.0 / np.sqrt(252)
                    power.append(superior_ability(x, generator=rng, n_draws=200, block_length=length).pvalue)
                shares = [np.mean(np.array(p) <= 0.05) for p in (size, power)]
                text = "own" if length is None else "√n"
                print(f"| {n:,} | {name} | {text} | {shares[0]:.1%} | {shares[1]:.0%} |", flush=True)


def difference(rounds: int) -> None:
    """Size and power (annual Sharpe 0.5 against 1.5) of the paired test, runs correlated 0.5."""
    print("| bars | returns | size, bootstrap | size, normal law | power |\n|---|---|---|---|---|")
    for n in (250, 1_000, 2_520):
        for theta, name in ((0.0, "independent, t5"), (0.3, "MA(1), 0.3")):
            rng = np.random.default_rng(4)
            own, normal, power = [], [], []
            for _ in range(rounds):
                x = _ma(rng, (n, 3), theta)
                a, b = x[:, 0] + x[:, 2] + 0.045, x[:, 1] + x[:, 2] + 0.045
                equal = compare_sharpe_ratios(a, b, periods_per_year=252, generator=rng, n_draws=199)
                own.append(equal.pvalue)
                normal.append(equal.asymptotic_pvalue)
                better = a + a.std() / np.sqrt(252)
                power.append(
                    compare_sharpe_ratios(better, b, periods_per_year=252, generator=rng, n_draws=199).pvalue
                )
            shares = [np.mean(np.array(p) <= 0.05) for p in (own, normal, power)]
            print(f"| {n:,} | {name} | {shares[0]:.1%} | {shares[1]:.1%} | {shares[2]:.0%} |", flush=True)


def overfitting(rounds: int) -> None:
    """PBO of 50 trials: none of skill, one of annual Sharpe 1 or 2, all of Sharpe 1."""
    print("| trials | bars | mean PBO | 5 % to 95 % of draws |\n|---|---|---|---|")
    for name, skill, alike in (
        ("no skill", 0.0, False),
        ("one of Sharpe 1", 1.0, False),
        ("one of Sharpe 2", 2.0, False),
        ("all of Sharpe 1", 1.0, True),
    ):
        for n in (640, 2_520):
            rng = np.random.default_rng(5)
            found = []
            for _ in range(max(10, rounds // 25)):
                x = rng.normal(size=(n, 50))
                x[:, slice(None) if alike else 0] += skill / np.sqrt(252)
                found.append(probability_of_overfitting(BlockSums.of(x)).probability)
            low, high = np.quantile(found, [0.05, 0.95])
            print(f"| {name} | {n:,} | {np.mean(found):.2f} | {low:.2f} to {high:.2f} |", flush=True)


def unit_roots(rounds: int) -> None:
    """Share of AR(1) spreads that ADF with a constant rejects at 5 %: the power beside a survival."""
    print("| bars | size | half-life 5 | 10 | 20 | 60 |\n|---|---|---|---|---|---|")
    for n in (63, 126, 252, 504):
        rng = np.random.default_rng(6)
        walks = np.cumsum(rng.normal(size=(4 * rounds, n)), axis=1)
        size = (unit_root_tests(walks).pvalue <= 0.05).mean()
        power = unit_root_power([5.0, 10.0, 20.0, 60.0], n, generator=rng, n_draws=2 * rounds)
        print(f"| {n} | {size:.1%} | " + " | ".join(f"{p:.0%}" for p in power) + " |", flush=True)


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for table in (sharpe_error, probabilistic, superior, difference, overfitting, unit_roots):
        print(f"\n{table.__name__}: {table.__doc__}\n")
        table(wanted)
