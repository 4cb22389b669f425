"""What the browser shows equals what statsmodels and pandas compute from the same prices, to the last digit shown."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from playwright.sync_api import Page, expect
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import coint

from tests.e2e import pages
from tests.e2e.server import Api
from tests.e2e.test_e2e_walk import universe

START, END = "2012-12-28", "2022-12-28"
PAIRS = [
    ("KO", "PEP"),
    ("PEP", "KO"),
    ("JPM", "BAC"),
    ("CVX", "XOM"),
    ("XOM", "RRC"),
    ("HD", "WMT"),
    ("JNJ", "PFE"),
    ("MRK", "LLY"),
    ("AAPL", "MSFT"),
    ("AMD", "GE"),
    ("PG", "UNH"),
    ("BBY", "HD"),
]
_PANEL = """panel => Object.fromEntries([...panel.querySelectorAll('dt')].map(
    dt => [dt.innerText.trim(), dt.parentElement.querySelector('dd').innerText.trim()]))"""


@pytest.fixture(scope="module")
def log_prices(api: Api) -> pd.DataFrame:
    """Logs of the demo's closes as the API serves them, a column for each symbol."""
    columns = {}
    for symbol in api.get("universes/{}/".format(universe(api, "demo")["id"]))["symbols"]:
        prices = api.get(f"symbols/{symbol['id']}/prices/", start_date=START, end_date=END)
        columns[symbol["ticker"]] = pd.Series(
            prices["close"], index=pd.to_datetime(prices["timestamps"]), dtype=float
        )
    return np.log(pd.DataFrame(columns))


def same(shown: str, expected: float, digits: int) -> None:
    """The number shown is the expected one, rounded to that many digits (or a rounding error beside it)."""
    if math.isinf(expected):
        assert shown == "∞"
        return
    assert abs(pages.number(shown) - expected) <= 0.5 * 10**-digits + 1e-7, f"{shown} is not {expected}"


def same_p(shown: str, expected: float) -> None:
    """As `same`, for probabilities: three decimals, two significant digits when small, then words."""
    if shown.startswith("<"):
        assert expected < 1e-6
    elif shown.startswith(">"):
        assert expected > 0.999
    elif "e" in shown:
        assert pages.number(shown) == pytest.approx(expected, rel=0.06)
    else:
        same(shown, expected, 3)


def fit(y: pd.Series, x: pd.Series) -> tuple[float, float, pd.Series]:
    """Intercept, hedge ratio and residual of y on x."""
    result = sm.OLS(y.to_numpy(), sm.add_constant(x.to_numpy())).fit()
    intercept, hedge_ratio = result.params
    return intercept, hedge_ratio, y - intercept - hedge_ratio * x


def half_life(spread: pd.Series) -> float:
    """−ln 2 / ln φ with φ the AR(1) slope."""
    values = spread.to_numpy()
    slope = sm.OLS(values[1:], sm.add_constant(values[:-1])).fit().params[1]
    return math.inf if slope >= 1 else -math.log(2) / math.log(slope)


def shown_half_life(shown: str, expected: float) -> None:
    same(shown, expected, 1 if expected < 10 else 0)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_pair_page_equals_statsmodels(
    trader: Page, log_prices: pd.DataFrame, first: str, second: str
) -> None:
    both = log_prices[[first, second]].dropna()
    y, x = both[first], both[second]
    statistic, pvalue, _ = coint(y, x, trend="c", autolag="aic")
    reverse_statistic, reverse_pvalue, _ = coint(x, y, trend="c", autolag="aic")
    intercept, hedge_ratio, spread = fit(y, x)

    trader.goto(f"/pair?symbol_1={first}&symbol_2={second}&start_date={START}&end_date={END}")
    panel = trader.get_by_role("complementary", name="Statistics")
    expect(panel).to_be_visible()
    shown: dict[str, str] = panel.evaluate(_PANEL)

    same(shown["Engle–Granger t"], statistic, 2)
    same_p(shown[f"p, {first} on {second}"], pvalue)
    same_p(shown["p of the pair"], min(1.0, 2 * min(pvalue, reverse_pvalue)))
    same(shown["Hedge ratio"], hedge_ratio, 3)
    same(shown["Intercept"], intercept, 3)
    shown_half_life(shown["Half-life"], half_life(spread))
    same(shown["Correlation"], y.diff().corr(x.diff()), 2)
    assert pages.number(shown["Bars"]) == len(both)
    z = (spread - spread.rolling(60).mean()) / spread.rolling(60).std()
    same(shown["z-score, last bar"].lstrip("+"), z.iloc[-1], 2)

    other = (
        panel.get_by_role("row").filter(has_text=f"{second} on {first}").get_by_role("cell").all_inner_texts()
    )
    same(other[0], reverse_statistic, 2)
    same_p(other[1], reverse_pvalue)


def test_the_series_behind_the_charts_equal_pandas(trader: Page, log_prices: pd.DataFrame) -> None:
    both = log_prices[["KO", "PEP"]].dropna()
    _, _, spread = fit(both["KO"], both["PEP"])
    z = (spread - spread.rolling(60).mean()) / spread.rolling(60).std()
    trader.goto(f"/pair?symbol_1=KO&symbol_2=PEP&start_date={START}&end_date={END}&scale=prices&table=true")
    table = "KO / PEP: prices, spread and z-score, as numbers"
    expect(pages.rows(trader, table).nth(5)).to_be_visible()
    rows = pages.read_table(trader, table)
    assert rows[0]["Date"] == END
    for place, row in enumerate(rows[:8]):
        at = -1 - place
        same(row["KO"], math.exp(both["KO"].iloc[at]), 2)
        same(row["PEP"], math.exp(both["PEP"].iloc[at]), 2)
        same(row["spread"].lstrip("+"), spread.iloc[at], 3)
        same(row["z"].lstrip("+"), z.iloc[at], 2)


def test_the_candidate_table_equals_statsmodels(trader: Page, api: Api, log_prices: pd.DataFrame) -> None:
    scan = pages.finished_scan(trader, universe(api, "demo")["name"])
    trader.get_by_label("All 190 tested pairs").check()
    trader.wait_for_url("**all=true**")
    expect(trader.get_by_text("190 rows")).to_be_visible()
    tested = api.get(f"scans/{scan}/candidates/", all="true", page_size=1000)["results"]
    assert len(tested) == 190
    order = sorted(tested, key=lambda row: row["hypothesis_pvalue"])
    q = multipletests([row["hypothesis_pvalue"] for row in order], method="fdr_by")[1]
    q_of = {(row["symbol_1"], row["symbol_2"]): value for row, value in zip(order, q, strict=True)}

    rows = pages.read_table(trader, "Candidate pairs")
    assert len(rows) >= 10
    for row in rows[:10]:
        first, second = row["Pair"].split(" / ")
        both = log_prices[[first, second]].dropna()
        y, x = both[first], both[second]
        statistic, pvalue, _ = coint(y, x, trend="c", autolag="aic")
        other_statistic, other_pvalue, _ = coint(x, y, trend="c", autolag="aic")
        assert statistic <= other_statistic, "the better direction is shown"
        _, hedge_ratio, spread = fit(y, x)
        same(row["Statistic"], statistic, 2)
        same_p(row["p"], pvalue)
        same_p(row["Pair p"], min(1.0, 2 * min(pvalue, other_pvalue)))
        same_p(row["q"], q_of[first, second])
        same(row["Hedge"], hedge_ratio, 3)
        shown_half_life(row["Half-life"], half_life(spread))
        same(row["Corr."], y.diff().corr(x.diff()), 2)
        assert pages.number(row["Bars"]) == len(both)


def test_every_statistic_of_the_scan_equals_statsmodels(
    trader: Page, api: Api, log_prices: pd.DataFrame
) -> None:
    scan = pages.finished_scan(trader, universe(api, "demo")["name"])
    tested = api.get(f"scans/{scan}/candidates/", all="true", page_size=1000)["results"]
    for row in tested[::6]:
        both = log_prices[[row["symbol_1"], row["symbol_2"]]].dropna()
        statistic, pvalue, _ = coint(both.iloc[:, 0], both.iloc[:, 1], trend="c", autolag="aic")
        assert row["statistic"] == pytest.approx(statistic, rel=1e-8, abs=1e-8)
        assert row["pvalue"] == pytest.approx(pvalue, rel=1e-6, abs=1e-12)
