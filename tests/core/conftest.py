"""Markets for tests of the engine: hypothesis strategies, and seeded panels."""

from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from titan_core.data import PricePanel

# Data come from seeds hypothesis draws; a first example pays for loading compiled code, so no deadline.
settings.register_profile(
    "engine", deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("engine")


class Pair(NamedTuple):
    y: np.ndarray
    x: np.ndarray


def days(n: int) -> np.ndarray:
    """n daily instants."""
    return np.datetime64("2010-01-04T21:00", "us") + np.arange(n) * np.timedelta64(1, "D")


def log_panel(values: np.ndarray, names: str = "S{}") -> PricePanel:
    """Panel of log prices (n_bars, n_symbols) with made-up names."""
    return PricePanel(
        tuple(names.format(i) for i in range(values.shape[1])), days(values.shape[0]), values, scale="log"
    )


def random_walks(seed: int, n_bars: int, n_symbols: int, *, drift: float = 0.0) -> np.ndarray:
    """Log prices of independent random walks, 1 % a bar, about 4."""
    rng = np.random.default_rng(seed)
    return 4.0 + np.cumsum(0.01 * rng.normal(size=(n_bars, n_symbols)) + drift, axis=0)


def stocks(seed: int, n_bars: int, n_symbols: int) -> np.ndarray:
    """Log prices with a common factor, own walks and autocorrelated noise: some pairs cointegrated, some not."""
    rng = np.random.default_rng(seed)
    market = np.cumsum(0.01 * rng.normal(size=n_bars))
    loading = rng.uniform(0.5, 1.5, n_symbols)
    own = np.cumsum(rng.uniform(0.0, 0.006, n_symbols) * rng.normal(size=(n_bars, n_symbols)), axis=0)
    noise = np.zeros((n_bars, n_symbols))
    for t in range(1, n_bars):
        noise[t] = 0.8 * noise[t - 1] + 0.01 * rng.normal(size=n_symbols)
    return rng.uniform(2.0, 6.0, n_symbols) + loading * market[:, None] + own + noise


def with_gaps(seed: int, values: np.ndarray) -> np.ndarray:
    """The same with late starts, early ends and interior gaps in most columns."""
    rng = np.random.default_rng(seed)
    values, n = values.copy(), values.shape[0]
    for column in range(values.shape[1]):
        kind = column % 4
        if kind == 1:
            values[: rng.integers(1, n // 6), column] = np.nan
        if kind == 2:
            values[n - rng.integers(1, n // 6) :, column] = np.nan
        if kind >= 2:
            values[rng.choice(n, n // 20, replace=False), column] = np.nan
    return values


@st.composite
def price_path(draw: st.DrawFn, min_size: int = 30, max_size: int = 200) -> np.ndarray:
    """A random walk with drift, some noise and now and then a jump."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(min_size, max_size))
    steps = rng.normal(size=n) + draw(st.sampled_from((0.0, 0.1, -0.3)))
    steps[rng.integers(n)] += draw(st.sampled_from((0.0, 10.0)))
    return draw(st.sampled_from((1e-3, 1.0, 1e4))) * (np.cumsum(steps) + 100.0)


@st.composite
def cointegrated_pair(draw: st.DrawFn, min_size: int = 40, max_size: int = 160) -> Pair:
    """y = a + βx + an AR(1), whose root may be one (then they are not cointegrated)."""
    x = draw(price_path(min_size, max_size))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    root = draw(st.sampled_from((0.0, 0.5, 0.9, 1.0)))
    e = np.zeros(x.size)
    for t in range(1, x.size):
        e[t] = root * e[t - 1] + rng.normal()
    beta = draw(st.floats(0.2, 3.0))
    return Pair(5.0 * x.std() + beta * x + 0.5 * x.std() * e / max(e.std(), 1e-9), x)
