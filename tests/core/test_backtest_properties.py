"""What must hold of any backtest, and what is refused before one runs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.test_naive_market import PAIR, market, situations
from titan_core.backtesting import backtest_pair, backtest_portfolio
from titan_core.backtesting import metrics as reference
from titan_core.data import BarPanel, PricePanel
from titan_core.errors import InvalidInput, TooFewBars
from titan_core.manifest import Manifest
from titan_core.risk import Limits, Sizing
from titan_core.simulation import Borrow, Commission, Costs, Delisting, Financing, Impact, Recall
from titan_core.simulation.ledger import LedgerOutOfBalance, check_balance
from titan_core.strategy import Rule, TradedPair

RULE = Rule(window=12, entry_z=1.0, exit_z=0.2)
MONEY = {"costs": Costs(half_spread_bps=2.0), "capital": 1e5}


@given(st.integers(0, 10**6), situations(), st.sampled_from([0, 3]))
@settings(max_examples=60)
def test_the_ledger_balances_and_trades_add_up(seed, situation, actions):
    rule, costs = situation
    result = backtest_pair(
        market(seed, gaps=0.05, actions=actions), PAIR, rule=rule, costs=costs, capital=1e5, max_jump=9.0
    )
    gross_traded = max(1.0, float(result.traded.sum()), 1e5)
    assert result.imbalance <= 1e-9 * gross_traded
    credit = result.ledger.interest[-1] + result.trades["financing"].sum()
    assert result.trades["net_pnl"].sum() + credit == pytest.approx(
        result.equity[-1] - 1e5, abs=1e-9 * gross_traded
    )
    t = result.trades
    parts = t["gross_pnl"] + t["dividends"]
    for cost in ("commission", "spread_cost", "impact", "borrow", "financing", "legging"):
        parts = parts - t[cost]
    np.testing.assert_allclose(t["net_pnl"], parts, atol=1e-9 * gross_traded)
    assert (t["mae"] <= np.minimum(t["net_pnl"], 0.0)).all()
    assert (t["mfe"] >= np.maximum(t["net_pnl"], 0.0)).all()


@given(st.integers(0, 10**6), situations(), st.sampled_from([0.5, 2.0, 64.0]))
@settings(max_examples=40)
def test_scaling_capital_scales_profit(seed, situation, times):
    # true without lots, minimum and per-order fees, impact and caps; and bit for bit by powers of two
    rule, drawn = situation
    costs = Costs(
        fill=drawn.fill, half_spread_bps=drawn.half_spread_bps, commission=Commission(drawn.commission.bps, 0.01),
        borrow=drawn.borrow, financing=drawn.financing, legging_bps=drawn.legging_bps, limit_bps=drawn.limit_bps,
    )  # fmt: skip
    bars = market(seed)
    one = backtest_pair(bars, PAIR, rule=rule, costs=costs, capital=1e5)
    more = backtest_pair(bars, PAIR, rule=rule, costs=costs, capital=1e5 * times)
    np.testing.assert_array_equal(more.equity, one.equity * times)
    np.testing.assert_array_equal(more.trades["exit_decided_at"], one.trades["exit_decided_at"])


@given(
    st.integers(0, 10**6),
    situations(),
    st.sampled_from(["spread", "commission", "order", "legging", "borrow"]),
)
@settings(max_examples=60)
def test_more_cost_never_helps(seed, situation, which):
    # true where the same trades are made: entries sized on the capital (compounds=False), and nothing that decides by
    # P&L (stop-loss, take-profit). Otherwise a cost may stop out a trade that would have lost more.
    drawn, costs = situation
    rule = Rule(
        **{f: getattr(drawn, f) for f in drawn.__slots__} | {"stop_loss": math.inf, "take_profit": math.inf}
    )
    c = {name: getattr(costs, name) for name in costs.__slots__}
    fee = costs.commission
    more = {
        "spread": c | {"half_spread_bps": costs.half_spread_bps + 5.0},
        "commission": c
        | {"commission": Commission(fee.bps + 2.0, fee.per_share, fee.minimum, fee.per_order)},
        "order": c | {"commission": Commission(fee.bps, fee.per_share, fee.minimum, fee.per_order + 3.0)},
        "legging": c | {"legging_bps": costs.legging_bps + 5.0},
        "borrow": c | {"borrow": Borrow(costs.borrow.rate_annual + 0.05, (), costs.borrow.recalls)},
    }[which]
    cheap = c | (
        {"borrow": Borrow(costs.borrow.rate_annual, (), costs.borrow.recalls)} if which == "borrow" else {}
    )
    kept = {"rule": rule, "capital": 1e6, "compounds": False}
    bars = market(seed)
    little = backtest_pair(bars, PAIR, costs=Costs(**cheap), **kept)
    much = backtest_pair(bars, PAIR, costs=Costs(**more), **kept)
    assert (much.equity <= little.equity + 1e-9 * little.equity).all()
    if little.trades.n_trades and which != "borrow":
        assert much.equity[-1] < little.equity[-1]


@pytest.mark.parametrize("name", ["rolling", "ewma", "kalman", "ou"])
def test_streamed_metrics_are_those_of_the_metrics_room(name):
    rule = Rule(name, window=15, entry_z=1.0, exit_z=0.1)
    result = backtest_pair(market(5, 700), PAIR, rule=rule, costs=Costs(half_spread_bps=3.0), capital=1e5)
    theirs = reference.summary(
        result.equity,
        periods_per_year=252.0,
        trade_columns=result.trades,
        gross=result.gross,
        traded=result.traded,
    )
    shared = set(theirs) & set(result.metrics)
    assert len(shared) >= 13
    for metric in shared:
        value = theirs[metric].value
        if metric in {"n_trades", "win_rate", "profit_factor", "expectancy", "holding_time"}:
            closed = result.trades["exit_reason"] != "open"
            assert closed.sum() >= result.trades.n_trades - 1
            if not closed.all():
                continue
        assert result.metrics[metric] == pytest.approx(value, rel=1e-9), metric
    returns = np.diff(result.equity) / result.equity[:-1]
    edges = np.cumsum([0] + [part.size for part in np.array_split(returns, 16)])
    for i in range(16):
        part = returns[edges[i] : edges[i + 1]]
        np.testing.assert_allclose(result.blocks[:, i], [part.sum(), (part**2).sum()], rtol=1e-9, atol=1e-15)


def test_the_same_run_has_the_same_bits_and_says_what_made_it():
    bars = market(9)
    one, two = (backtest_pair(bars, PAIR, rule=RULE, **MONEY) for _ in range(2))
    np.testing.assert_array_equal(one.equity, two.equity)
    assert one.manifest == two.manifest
    assert Manifest(**one.manifest.as_dict()) == one.manifest
    assert Rule.from_dict(one.manifest.parameters["rule"]) == RULE
    louder = BarPanel(
        bars.symbols, bars.timestamps, bars.open, bars.high, bars.low, bars.close, bars.volume * 2.0
    )
    assert backtest_pair(louder, PAIR, rule=RULE, **MONEY).manifest != one.manifest


def test_trades_go_to_arrow_and_back_to_records():
    result = backtest_pair(market(9), PAIR, rule=RULE, **MONEY)
    table = result.trades.to_arrow()
    assert table.num_rows == result.trades.n_trades == len(result.trades.rows()) > 3
    assert str(table.schema.field("entry_filled_at").type) == "timestamp[us, tz=UTC]"
    assert result.trades.to_pandas()["net_pnl"].sum() == pytest.approx(result.trades["net_pnl"].sum())


def test_an_account_opened_later_knows_the_signal_already():
    bars = market(9)
    whole = backtest_pair(bars, PAIR, rule=RULE, **MONEY)
    late = backtest_pair(bars, PAIR, rule=RULE, start=bars.timestamps[80], **MONEY)
    assert late.equity.size == 80
    assert late.equity[0] == 1e5
    np.testing.assert_array_equal(late.signals.z_score, whole.signals.z_score)
    assert late.trades["entry_decided_at"].min() >= bars.timestamps[80]


@pytest.mark.parametrize("value", [None, -0.55])
def test_a_delisting_settles_one_leg_and_leaves_the_other_to_be_closed(value):
    bars = market(13, end=100)
    gone = int(np.argmax(np.isnan(bars.close[100:]).all(axis=0)))
    found = []
    for seed in range(13, 60):
        bars = market(seed, end=100)
        gone = int(np.argmax(np.isnan(bars.close[100:]).all(axis=0)))
        told = (Delisting("AB"[gone], bars.timestamps[100], value),)
        result = backtest_pair(bars, PAIR, rule=RULE, delistings=told, **MONEY)
        last = result.trades.rows()[-1]
        if last.exit_reason != "delisted":
            continue
        held_long = (last.shares_1 if gone == 0 else last.shares_2) > 0
        lost = (-0.30 if held_long else 0.0) if value is None else value
        price = bars.close[99, gone] * (1.0 + lost)
        assert (last.exit_price_1 if gone == 0 else last.exit_price_2) == pytest.approx(price)
        assert result.positions[-1].tolist() == [0.0, 0.0]
        assert last.legging != 0.0  # what the leg left alone earned until it was closed
        sold = result.fills.shares[-1, 1 - gone] * result.fills.prices[-1, 1 - gone]
        assert result.traded[result.fills.bar[-1]] == pytest.approx(abs(sold)), "the leg alone, at its price"
        found.append(held_long)
    assert {True, False} <= set(found)


BAD = {
    "no money": ({"capital": 0.0}, "capital"),
    "leverage over the limit": ({"sizing": Sizing(fraction=2.0), "max_leverage": 1.5}, "max_leverage"),
    "no open for next-open fills": ({"costs": Costs(fill="next_open")}, "open"),
    "no high and low for mid-range": ({"costs": Costs(fill="mid_range")}, "high"),
    "no volume for impact": ({"costs": Costs(impact=Impact(1.0))}, "volume"),
    "no volume for a cap": ({"costs": Costs(impact=Impact(participation=0.1))}, "volume"),
    "no ratio and none estimated": ({"pair": ("A", "B")}, "hedge ratio"),
    "a symbol without bars": ({"pair": TradedPair("A", "C", 1.0)}, "no bars of C"),
    "a gate of another length": ({"gate": [0, 1]}, "gate"),
    "a recall of a stranger": ({"costs": Costs(borrow=Borrow(recalls=(Recall("Z", "2010-02-01"),)))}, "Z"),
    "a delisted symbol that trades": ({"delistings": (Delisting("A", "2010-02-01"),)}, "still has bars"),
}


@pytest.mark.parametrize("name", BAD)
def test_is_refused_before_it_runs(name):
    changed, words = BAD[name]
    bars = market(1)
    closes = BarPanel(bars.symbols, bars.timestamps, None, None, None, bars.close)
    given = {"pair": PAIR, "rule": RULE} | MONEY | changed
    with pytest.raises(InvalidInput, match=words):
        backtest_pair(closes, given.pop("pair"), **given)


@pytest.mark.parametrize(
    "costs",
    [
        Costs(commission=Commission(per_share=0.005)),
        Costs(lot=1.0),
        Costs(impact=Impact(1.0)),
        Costs(fill="next_open"),
    ],
    ids=["per share", "lots", "impact", "open"],
)
def test_total_return_prices_refuse_what_needs_raw_ones(costs):
    bars = market(1)
    index = BarPanel(
        bars.symbols,
        bars.timestamps,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.volume,
        (),
        "total_return",
    )
    with pytest.raises(InvalidInput, match="raw"):
        backtest_pair(index, PAIR, rule=RULE, costs=costs, capital=1e5)
    assert "total-return" in backtest_pair(index, PAIR, rule=RULE, **MONEY).notes[0]


UNHEARD_OF = {
    "bps": lambda much: Commission(bps=much),
    "per_share": lambda much: Commission(per_share=much),
    "minimum": lambda much: Commission(minimum=much),
    "per_order": lambda much: Commission(per_order=much),
    "coefficient": Impact,
    "rate_annual": Borrow,
    "debit_rate_annual": Financing,
    "credit_rate_annual": lambda much: Financing(credit_rate_annual=much),
    "legging_bps": lambda much: Costs(legging_bps=much),
}


@pytest.mark.parametrize("name", UNHEARD_OF)
def test_costs_no_market_has_are_refused_and_not_taken_for_a_fault_of_the_engine(name):
    for much in (1e12, 1e308):
        with pytest.raises(InvalidInput, match=f"^{name} is .* at most"):
            UNHEARD_OF[name](much)


def test_the_greatest_costs_allowed_leave_a_ledger_that_balances():
    greatest = Costs(
        commission=Commission(1e4, 1e9, 1e9, 1e9),
        impact=Impact(1e3),
        borrow=Borrow(100.0),
        financing=Financing(100.0, 100.0),
        legging_bps=1e4,
        half_spread_bps=9_999.0,
    )
    backtest_pair(market(1), PAIR, rule=RULE, costs=greatest, capital=1e5)  # raises LedgerOutOfBalance


SENSELESS = {
    "exit at entry": {"entry_z": 1.0, "exit_z": 1.0},
    "exit beyond entry": {"entry_z": 1.0, "exit_z": 1.5},
    "exit behind the other entry": {"entry_z": 1.0, "exit_z": -1.0},
    "stop within entry": {"entry_z": 2.0, "stop_z": 2.0},
    "no entry": {"entry_z": 0.0},
    "NaN": {"entry_z": math.nan},
    "window of nothing": {"window": 2},
    "half a bar": {"window": 10.5},
    "negative wait": {"cooldown": -1},
    "negative stop": {"stop_loss": -0.1},
    "two hedges": {"name": "kalman", "hedge_window": 20},
    "no noise": {"noise_variance": 0.0},
    "no such rule": {"name": "magic"},
}


@pytest.mark.parametrize("name", SENSELESS)
def test_contradictory_parameters_are_refused(name):
    with pytest.raises(InvalidInput):
        Rule(**SENSELESS[name])


def test_bad_series_are_refused_or_flagged():
    bars = market(1)
    with pytest.raises(TooFewBars, match="look"):
        backtest_pair(bars, PAIR, rule=Rule(window=500), **MONEY)
    apart = bars.close.copy()
    apart[:80, 0], apart[80:, 1] = np.nan, np.nan
    with pytest.raises(InvalidInput, match="no bar in common"):
        backtest_pair(PricePanel(bars.symbols, bars.timestamps, apart), PAIR, rule=RULE, **MONEY)
    for factor in (0.1, 1.9):
        jump = bars.close.copy()
        jump[90:, 1] *= factor
        with pytest.raises(InvalidInput, match="split"):
            backtest_pair(PricePanel(bars.symbols, bars.timestamps, jump), PAIR, rule=RULE, **MONEY)
    holes = bars.close.copy()
    holes[40:43, 0] = np.nan
    holes[120:, 1] = np.nan
    notes = " ".join(
        backtest_pair(PricePanel(bars.symbols, bars.timestamps, holes), PAIR, rule=RULE, **MONEY).notes
    )
    assert "A has no bar on 3" in notes
    assert "no delisting is told" in notes
    low = bars.close.copy()
    low[50, 0] = 0.0
    with pytest.raises(InvalidInput, match="above zero"):
        backtest_pair(
            BarPanel(bars.symbols, bars.timestamps, None, None, None, low),
            PAIR,
            rule=RULE,
            max_jump=1e9,
            **MONEY,
        )
    with pytest.raises(InvalidInput, match="log"):
        backtest_pair(PricePanel(bars.symbols, bars.timestamps, bars.close).log(), PAIR, rule=RULE, **MONEY)
    with pytest.raises(TooFewBars):
        backtest_pair(bars, PAIR, rule=RULE, start="2030-01-01", **MONEY)


def test_a_ledger_that_does_not_balance_is_an_error():
    result = backtest_pair(market(9), PAIR, rule=RULE, **MONEY)
    wrong = result.equity.copy()
    wrong[100] += 0.01
    with pytest.raises(LedgerOutOfBalance, match="bar 100"):
        check_balance(result.ledger, wrong, result.fills, 0)


# ---- many pairs


def universe(seed, n_pairs, n=160):
    """Pairs of pairs that share symbols: A1/B, A2/B, …"""
    rng = np.random.default_rng(seed)
    x = 4 + np.cumsum(0.012 * rng.normal(size=n))
    columns, names = [x], ["B"]
    for i in range(n_pairs):
        s = np.zeros(n)
        for t in range(1, n):
            s[t] = 0.85 * s[t - 1] + 0.02 * rng.normal()
        columns.append(0.9 * x + 0.5 + s)
        names.append(f"A{i}")
    close = np.exp(np.column_stack(columns))
    stamps = market(1, n).timestamps
    volume = np.full(close.shape, 5e3)
    bars = BarPanel(tuple(names), stamps, close, close * 1.01, close * 0.99, close, volume, (), "raw")
    return bars, [TradedPair(f"A{i}", "B", 0.9) for i in range(n_pairs)]


COSTLY = Costs(
    half_spread_bps=2.0, commission=Commission(1.0, minimum=1.0), impact=Impact(0.3, 0.2, 10), borrow=Borrow(0.03),
)  # fmt: skip


@given(st.integers(0, 10**6), situations())
@settings(max_examples=40)
def test_a_portfolio_of_one_is_the_pair(seed, situation):
    rule, costs = situation
    bars = market(seed, gaps=0.05, actions=2)
    costs = Costs(**{name: getattr(costs, name) for name in costs.__slots__} | {"financing": Financing()})
    kept = {"rule": rule, "costs": costs, "capital": 1e5, "max_jump": 9.0, "sizing": Sizing(fraction=1.5)}
    one = backtest_pair(bars, PAIR, **kept)
    book = backtest_portfolio(bars, [PAIR], limits=Limits(gross=math.inf), **kept)
    np.testing.assert_array_equal(book.equity, one.equity)
    np.testing.assert_array_equal(book.trades["net_pnl"], one.trades["net_pnl"])
    assert {k: v for k, v in book.metrics.items() if v == v} == {
        k: v for k, v in one.metrics.items() if v == v
    }
    plain = market(seed)
    one = backtest_pair(plain, PAIR, **kept)
    book = backtest_portfolio(plain, [PAIR], limits=Limits(gross=math.inf), **kept)
    np.testing.assert_allclose(book.aimed, (np.abs(one.targets) * plain.close).sum(axis=1), rtol=1e-12)


@given(st.integers(0, 10**6), situations(), st.randoms())
@settings(max_examples=30)
def test_the_order_of_pairs_never_matters_and_the_ledger_balances(seed, situation, random):
    rule, costs = situation
    costs = Costs(
        **{n: getattr(costs, n) for n in costs.__slots__} | {"borrow": Borrow(costs.borrow.rate_annual)}
    )
    bars, pairs = universe(seed, 5)
    kept = {
        "rule": rule,
        "costs": costs,
        "capital": 1e5,
        "sizing": Sizing(fraction=0.6),
        "limits": Limits(gross=1.5),
    }
    first = backtest_portfolio(bars, pairs, **kept)
    random.shuffle(pairs)
    again = backtest_portfolio(bars.select(sorted(bars.symbols)), pairs, **kept)
    np.testing.assert_array_equal(first.equity, again.equity)
    np.testing.assert_array_equal(first.trades["pair"], again.trades["pair"])
    assert first.imbalance <= 1e-9 * max(1e5, first.traded.sum())
    assert first.trades["net_pnl"].sum() == pytest.approx(first.pair_pnl.sum(), abs=1e-6)


def test_adding_a_flat_pair_changes_nothing():
    bars, pairs = universe(3, 4)
    kept = {"costs": COSTLY, "capital": 1e5, "sizing": Sizing(fraction=0.4)}
    quiet = Rule(window=12, entry_z=50.0, exit_z=0.2)
    rules = {pair.name: RULE for pair in pairs[:3]}
    without = backtest_portfolio(bars, pairs[:3], rule=rules, **kept)
    beside = backtest_portfolio(bars, pairs, rule=rules | {pairs[3].name: quiet}, **kept)
    np.testing.assert_array_equal(without.equity, beside.equity)
    assert without.trades.n_trades == beside.trades.n_trades > 10


def test_orders_of_one_symbol_are_netted_and_longs_lend_to_shorts():
    # the same pair both ways round: what one sells the other buys, so nothing reaches the market
    bars, (pair, *_) = universe(3, 1)
    mirror = TradedPair("B", "A0", 1.0 / 0.9)
    costs = Costs(half_spread_bps=20.0, borrow=Borrow(0.5))
    kept = {"costs": costs, "capital": 1e6, "sizing": Sizing(fraction=0.5), "compounds": False}
    kept["rule"] = Rule(window=12, entry_z=1.0, exit_z=0.2)
    alone = backtest_portfolio(bars, [pair], **kept)
    mirrored = backtest_portfolio(bars, [TradedPair("A0", "B", 0.9), mirror], **kept)
    # both are long A0 and short B at once: their orders add up, and cost twice
    assert mirrored.metrics["costs"] == pytest.approx(2.0 * alone.metrics["costs"], rel=0.2)
    bars2, two = universe(4, 2)
    apart = [backtest_portfolio(bars2, [one], **kept) for one in two]
    together = backtest_portfolio(bars2, two, **kept)
    assert together.metrics["costs"] < sum(one.metrics["costs"] for one in apart)
    assert together.trades["borrow"].sum() < sum(one.trades["borrow"].sum() for one in apart)
    assert together.trades["gross_pnl"].sum() == pytest.approx(
        sum(one.trades["gross_pnl"].sum() for one in apart)
    )


@pytest.mark.parametrize(
    "limits",
    [Limits(gross=0.7), Limits(net=0.02), Limits(pair=0.2), Limits(symbol=0.25), Limits(sector=0.5)],
    ids=["gross", "net", "pair", "symbol", "sector"],
)
def test_entries_are_cut_to_the_limits(limits):
    bars, pairs = universe(6, 6)
    kept = {
        "rule": RULE,
        "costs": Costs(),
        "capital": 1e5,
        "sizing": Sizing(fraction=0.5),
        "compounds": False,
    }
    sectors = dict.fromkeys(bars.symbols, "one")
    free = backtest_portfolio(bars, pairs, limits=Limits(gross=math.inf), sectors=sectors, **kept)
    bound = backtest_portfolio(bars, pairs, limits=limits, sectors=sectors, **kept)
    slack = 1.2  # prices move after an entry is decided
    held = np.abs(bound.ledger.holdings * bars.select(sorted(bars.symbols)).close.T)
    equity = dict(zip(bound.timestamps.tolist(), bound.equity, strict=True))
    of_pair = max(
        (abs(t.shares_1 * t.entry_price_1) + abs(t.shares_2 * t.entry_price_2))
        / equity[t.entry_decided_at.item()]
        for t in bound.trades.rows()
    )
    largest = {
        "gross": (bound.gross / bound.equity).max(),
        "net": np.abs(bound.net / bound.equity).max() / 4,  # legs move apart while they are held
        "pair": of_pair,
        "symbol": (held / bound.equity).max(),
        "sector": (bound.gross / bound.equity).max(),
    }
    for name, value in limits.as_dict().items():
        if value is not None and not (name == "gross" and limits.gross == 2.0):
            assert 0.0 < largest[name] <= value * slack, name
    assert bound.gross.max() < free.gross.max()


@pytest.mark.parametrize("name", ["equal_risk", "volatility_target", "kelly"])
def test_sizes_follow_risk(name):
    bars, pairs = universe(6, 3, 600)
    sizing = Sizing(name, risk=0.005 if name == "equal_risk" else 0.08, most=1.5, window=40, least_bars=30)
    result = backtest_portfolio(bars, pairs, rule=RULE, costs=Costs(), capital=1e5, sizing=sizing)
    assert result.trades.n_trades > 20
    one = backtest_pair(bars, pairs[0], rule=RULE, costs=Costs(), capital=1e5, sizing=sizing)
    size = np.abs(one.targets[:-1] * bars.select(("A0", "B")).close[:-1]).sum(axis=1) / one.equity[:-1]
    assert 0.0 < size[size > 0].min() < size.max() <= 2.0
    if name == "volatility_target":
        held = one.gross[:-1] > 0
        yearly = (np.diff(one.equity) / one.equity[:-1])[held].std() * np.sqrt(252)
        assert yearly == pytest.approx(0.08, rel=0.35)


def test_a_portfolio_that_makes_no_sense_is_refused():
    bars, pairs = universe(6, 2)
    kept = {"rule": RULE, "costs": Costs(), "capital": 1e5}
    with pytest.raises(InvalidInput, match="no pair"):
        backtest_portfolio(bars, [], **kept)
    with pytest.raises(InvalidInput, match="twice"):
        backtest_portfolio(bars, [pairs[0], pairs[0]], **kept)
    with pytest.raises(InvalidInput, match="no pair of this portfolio"):
        backtest_portfolio(bars, pairs, gates={"X/Y": [0]}, **kept)
    with pytest.raises(InvalidInput, match="rules and pairs"):
        backtest_portfolio(bars, pairs, **kept | {"rule": {pairs[0].name: RULE}})
    with pytest.raises(InvalidInput, match="limit gross"):
        Limits(gross=0.0)
    with pytest.raises(InvalidInput, match="kelly_share"):
        Sizing("kelly", kelly_share=1.5)


def test_a_delisting_after_the_last_bar_is_said_because_it_is_not_booked():
    """Two legs that end together leave no bar on which either could be settled."""
    bars = market(13)
    after = bars.timestamps[-1] + np.timedelta64(1, "h")
    told = (Delisting("A", after, None), Delisting("B", after, -0.9))
    notes = backtest_pair(bars, PAIR, rule=RULE, delistings=told, **MONEY).notes
    assert [
        note.split(" ", 1)[0] for note in notes if "the return of its delisting is not booked" in note
    ] == ["A", "B"]
