"""Three cases worked by hand, to the cent; the arithmetic stands beside the figures."""

import math

import numpy as np
import pytest

from titan_core.backtesting import backtest_pair
from titan_core.data import BarPanel, CorporateAction
from titan_core.risk import Sizing
from titan_core.simulation import Borrow, BorrowRate, Commission, Costs, Financing, Impact, Recall
from titan_core.strategy import Rule, TradedPair

# Spread A - B over bars 1..5: 1, 0, 1, 0, -10; mean -1.6, deviation √22.3 = 4.7223, z = -8.4/4.7223 = -1.779.
# So the rule buys the spread at the close of bar 5 and is filled on bar 6. Bar 4's z is -0.73: nothing.
A = [100.0, 101.0, 100.0, 101.0, 100.0, 90.0]
B = [100.0, 100.0, 100.0, 100.0, 100.0, 100.0]
PAIR = TradedPair("A", "B", 1.0, scale="price")
HOLD = Rule(window=5, entry_z=1.7, exit_z=-1.69)  # left only beyond z = +1.69, which does not come


def stamps(n):
    """Weekdays, 21:00 UTC."""
    monday = np.datetime64("2020-01-06T21:00", "us")
    return np.array([monday + np.timedelta64(i // 5 * 7 + i % 5, "D") for i in range(n)])


def bars_of(a, b, *, volume=None, actions=()):
    close = np.column_stack([A + a, B + b])
    volumes = None if volume is None else np.full(close.shape, volume)
    return BarPanel(("A", "B"), stamps(len(close)), None, None, None, close, volumes, actions, "raw")


def cents(value):
    return round(float(value), 2)


def test_buy_and_hold_with_a_dividend():
    # Decided at 90 and 100: $100,000 over both legs, one share against one: 100,000 / 190 = 526.3 → 526 shares each.
    # Filled at 92 and 101; last closes 97 and 99; A pays 0.50 on bar 7.
    #   A: 526 · (97 - 92)   = 2,630.00
    #   B: -526 · (99 - 101) = 1,052.00
    #   dividend 526 · 0.50  =   263.00     together 3,945.00
    dividend = CorporateAction("A", stamps(9)[7], "dividend", 0.50)
    bars = bars_of([92.0, 95.0, 97.0], [101.0, 100.0, 99.0], actions=(dividend,))
    result = backtest_pair(bars, PAIR, rule=HOLD, costs=Costs(lot=1.0), capital=100_000.0)
    assert [cents(v) for v in result.equity[:6]] == [100_000.0] * 6
    assert cents(result.equity[6]) == 100_000.00  # bought at the close: nothing earned yet
    # bar 7: 526 · (95 - 92) + 526 · (101 - 100) + 263 = 1,578 + 526 + 263
    assert cents(result.equity[7]) == 102_367.00
    assert cents(result.equity[8]) == 103_945.00
    (trade,) = result.trades.rows()
    assert (trade.side, trade.exit_reason, trade.shares_1, trade.shares_2) == ("LONG", "open", 526.0, -526.0)
    assert (cents(trade.gross_pnl), cents(trade.dividends), cents(trade.net_pnl)) == (
        3682.00,
        263.00,
        3945.00,
    )
    assert cents(result.ledger.cash[8]) == cents(100_000 - 526 * 92 + 526 * 101 + 263)  # 104,997.00
    assert cents(result.ledger.positions[8]) == cents(526 * 97 - 526 * 99)  # -1,052.00


def test_one_round_trip_with_all_costs():
    # Leverage 2.4: 2.4 · 100,000 / 190 = 1,263.2 → 1,263 shares each. Bars 7 and 8 bring the spread back, the exit is
    # decided at bar 7 and filled on bar 8.
    #   σ of A over its earlier returns, ln(101/100) … ln(90/100), ln(92/90): taken of the last 5 before the fill bar.
    #   Impact 1 · σ · √(shares / 1,000,000) of the notional.
    rule = Rule(window=5, entry_z=1.7, exit_z=0.5)
    costs = Costs(
        half_spread_bps=5.0,
        commission=Commission(bps=1.0, per_share=0.005, minimum=20.0, per_order=0.25),
        impact=Impact(coefficient=1.0, window=5),
        borrow=Borrow(rate_annual=0.03),
        financing=Financing(debit_rate_annual=0.06),
        lot=1.0,
        legging_bps=2.0,
    )
    bars = bars_of([92.0, 99.0, 101.0, 100.0], [101.0, 100.0, 100.0, 100.0], volume=1_000_000.0)
    result = backtest_pair(
        bars,
        PAIR,
        rule=rule,
        costs=costs,
        capital=100_000.0,
        sizing=Sizing(fraction=2.4, most=2.4),
        max_leverage=3.0,
    )
    (trade,) = result.trades.rows()
    assert (trade.shares_1, trade.shares_2, trade.exit_reason, trade.bars_held) == (
        1263.0,
        -1263.0,
        "exit",
        2,
    )
    # prices: A 1,263 · (101 - 92) = 11,367.00; B -1,263 · (100 - 101) = 1,263.00
    assert cents(trade.gross_pnl) == 12_630.00
    # half-spread, 5 bps of 116,196 (A in) + 127,563 (B in) + 127,563 (A out) + 126,300 (B out) = 497,622
    assert cents(trade.spread_cost) == 248.81
    # commission a leg: max(20, 1 bp + 0.005 · 1,263 = 6.315) + 0.25; 11.62 + 6.32, 12.76 + 6.32, … all under 20
    assert cents(trade.commission) == 81.00  # 4 · 20.25
    # legging: 2 bps of the smaller leg: 116,196 in, 126,300 out
    assert cents(trade.legging) == 48.50
    # borrow: bar 6 → 7 a day at 101, bar 7 → 8 a day at 100: 1,263 · (101 + 100) · 0.03 / 360
    assert cents(trade.borrow) == 21.16
    # impact by leg: σ · √(1,263 / 1,000,000) · notional
    logs = [math.log(v) for v in (1.01, 100 / 101, 1.01, 100 / 101, 0.9, 92 / 90, 99 / 92)]
    sigma_a_in, sigma_a_out = np.std(logs[0:5], ddof=1), np.std(logs[2:7], ddof=1)
    rest = [0.0, 0.0, 0.0, math.log(1.01), math.log(100 / 101)]
    root = math.sqrt(1263 / 1e6)
    impact = root * (
        sigma_a_in * 116_196 + 0.0 * 127_563 + sigma_a_out * 127_563 + np.std(rest, ddof=1) * 126_300
    )
    assert cents(trade.impact) == cents(impact) == 527.20
    # interest on the loan over night: after bar 6 equity is 100,000 less the costs of entry, and A is worth 116,196
    entry_costs = 0.0005 * (116_196 + 127_563) + 2 * 20.25 + 0.0002 * 116_196 + root * sigma_a_in * 116_196
    first = (116_196 - (100_000 - entry_costs)) * 0.06 / 360
    # after bar 7: A is worth 1,263 · 99 = 125,037 and gained 8,841, B gained 1,263; less the fee and that interest
    equity_7 = 100_000 - entry_costs + 8_841 + 1_263 - 1263 * 101 * 0.03 / 360 - first
    second = (125_037 - equity_7) * 0.06 / 360
    assert cents(result.equity[7]) == cents(equity_7)
    assert cents(trade.financing) == cents(first + second) == 5.32
    net = 12_630.00 - 248.811 - 81.00 - 48.4992 - 21.15525 - impact - first - second
    assert cents(trade.net_pnl) == cents(net) == 11_698.02
    assert cents(result.equity[-1]) == cents(100_000 + net)


def test_a_recall_ends_the_trade():
    # 526 shares each, bought at 92 and 101 on bar 6 (a Tuesday). The lender of B wants them back on Thursday, bar 8:
    # left at Friday's closes, 88 and 103. Then B can't be had: z is low enough on bar 9, and nothing is bought.
    #   A: 526 · (88 - 92) = -2,104.00     B: -526 · (103 - 101) = -1,052.00
    #   borrow at 4 %: 526 · (101 + 102 + 103.5) · 0.04 / 360 = 17.91
    at = stamps(12)
    costs = Costs(
        lot=1.0,
        borrow=Borrow(0.04, rates=(BorrowRate("B", at[8], None),), recalls=(Recall("B", at[8]),)),
    )
    bars = bars_of([92.0, 91.0, 90.0, 88.0, 70.0, 69.0], [101.0, 102.0, 103.5, 103.0, 103.0, 103.0])
    result = backtest_pair(bars, PAIR, rule=HOLD, costs=costs, capital=100_000.0)
    (trade,) = result.trades.rows()
    assert trade.exit_reason == "recall"
    assert (trade.exit_decided_at, trade.exit_filled_at) == (at[8], at[9])
    assert cents(trade.gross_pnl) == -3156.00
    assert cents(trade.borrow) == 17.91
    assert cents(result.equity[-1]) == 96_826.09
    assert result.signals.z_score[10] < -1.7
    assert result.metrics["n_trades"] == 1


@pytest.mark.parametrize("ratio", [2.0, 0.25])
def test_a_split_changes_nothing_but_the_count(ratio):
    plain = bars_of([92.0, 95.0, 97.0], [101.0, 100.0, 99.0])
    close = plain.close.copy()
    close[7:, 0] /= ratio
    split = CorporateAction("A", stamps(9)[7], "split", ratio)
    bars = BarPanel(("A", "B"), stamps(9), None, None, None, close, None, (split,), "raw")
    kept = {"rule": HOLD, "costs": Costs(lot=1.0), "capital": 100_000.0}
    whole, halved = backtest_pair(plain, PAIR, **kept), backtest_pair(bars, PAIR, **kept)
    np.testing.assert_allclose(whole.equity, halved.equity, rtol=1e-13)
    assert halved.positions[-1, 0] == pytest.approx(526 * ratio)
    assert halved.positions[6, 0] == 526
