"""What the REST benchmark reads: a desk's worth of symbols, bars, pairs and one finished scan, made from a seed."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.core.management import call_command
from django.utils import timezone

from benchmarks.api_account import PASSWORD, USERNAME
from titan_core.data import PricePanel
from trading.models import Scan, ScanCandidate, Symbol, TradingPair, Universe
from trading.services.market_data import MarketDataService
from users.models import User
from users.roles import Role

__all__ = ["make"]

N_SYMBOLS, N_BARS, N_PAIRS, N_CANDIDATES = 500, 2_520, 200, 5_000
FIT = (datetime(2010, 1, 5, tzinfo=UTC), datetime(2018, 1, 5, tzinfo=UTC))


def make() -> dict[str, int]:
    """Databases and their rows; the ids that addresses need."""
    call_command("migrate", verbosity=0)
    owner = User.objects.create_with_role(USERNAME, role=Role.TRADER, password=PASSWORD, email="")
    tickers = [f"S{number:03}" for number in range(N_SYMBOLS)]
    Symbol.objects.bulk_create(
        Symbol(ticker=ticker, name=f"{ticker} Incorporated", sector=f"Sector {number % 11}", exchange="XNYS")
        for number, ticker in enumerate(tickers)
    )
    universe = Universe.objects.create(name="Bench", slug="bench")
    rng = np.random.default_rng(20)
    days: Any = np.busday_offset("2010-01-04", np.arange(N_BARS), roll="forward")
    prices = np.exp(4.0 + 0.01 * rng.standard_normal((N_BARS, N_SYMBOLS)).cumsum(axis=0))
    panel = PricePanel(
        tuple(tickers), days.astype("datetime64[us]") + np.timedelta64(21, "h"), prices, "total_return"
    )
    MarketDataService().ingest_panel_sync(panel, source="bench", universe=universe)
    symbols = list(Symbol.objects.order_by("ticker"))
    pairs = TradingPair.objects.bulk_create(_pairs(symbols, rng))
    scan = _scan(owner, universe, symbols, rng)
    return {"symbol": symbols[0].pk, "pair": pairs[0].pk, "scan": scan.pk}


def _pairs(symbols: list[Symbol], rng: np.random.Generator) -> list[TradingPair]:
    return [
        TradingPair(
            symbol_1=symbols[2 * number],
            symbol_2=symbols[2 * number + 1],
            cointegration_pvalue=float(rng.uniform(0, 0.05)),
            statistic=float(rng.uniform(-6, -3)),
            half_life=float(rng.uniform(5, 60)),
            correlation=float(rng.uniform(0, 1)),
            hedge_ratio=float(rng.uniform(0.5, 2)),
            intercept=float(rng.uniform(-1, 1)),
            fit_start=FIT[0],
            fit_end=FIT[1],
            n_obs=2_000,
        )
        for number in range(N_PAIRS)
    ]


def _scan(owner: User, universe: Universe, symbols: list[Symbol], rng: np.random.Generator) -> Scan:
    scan = Scan.objects.create(
        owner=owner,
        universe=universe,
        symbols=[symbol.ticker for symbol in symbols],
        parameters={"alpha": 0.05, "min_overlap": 250},
        n_symbols=len(symbols),
        n_tests=len(symbols) * (len(symbols) - 1) // 2,
        completed_at=timezone.now(),
    )
    first, second = np.triu_indices(len(symbols), 1)
    chosen = rng.permutation(first.size)[:N_CANDIDATES]
    ScanCandidate.objects.bulk_create(
        ScanCandidate(
            scan=scan,
            rank=rank,
            symbol_1=symbols[first[at]],
            symbol_2=symbols[second[at]],
            statistic=-6.0 + rank / 2_000,
            sparkline=[round(value, 4) for value in rng.standard_normal(48).cumsum().tolist()],
            **_numbers(rng),
        )
        for rank, at in enumerate(chosen, 1)
    )
    return scan


def _numbers(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "pvalue": float(rng.uniform(0, 0.05)),
        "hypothesis_pvalue": float(rng.uniform(0, 0.1)),
        "qvalue": float(rng.uniform(0, 0.2)),
        "lag": int(rng.integers(0, 10)),
        "hedge_ratio": float(rng.uniform(0.5, 2)),
        "intercept": float(rng.uniform(-1, 1)),
        "correlation": float(rng.uniform(0, 1)),
        "half_life": float(rng.uniform(5, 60)),
        "n_obs": 2_520,
    }
