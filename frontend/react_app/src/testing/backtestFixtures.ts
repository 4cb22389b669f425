import type { Backtest, BacktestTrade, RuleCard } from "@/lib/api";

/** A finished backtest; what a test is about is given. */
export function makeBacktest(given: Partial<Backtest> = {}): Backtest {
  return {
    id: 9,
    name: "",
    kind: "pair",
    pairs: [["KO", "PEP"]],
    rule: "rolling",
    parameters: { window: 60, entry_z: 2, exit_z: 0.5, stop_z: null },
    costs: { half_spread_bps: 2, commission: { bps: 1 }, borrow: { rate_annual: 0.005 } },
    sizing: { name: "fraction", fraction: 1 },
    limits: { gross: 2 },
    capital: 100_000,
    timeframe: "1d",
    periods_per_year: 252,
    start_date: "2016-01-04",
    end_date: "2022-12-28",
    fit_end: "2015-12-31",
    universe: null,
    scan: null,
    strategy: null,
    family: "f",
    warnings: [],
    metrics: {
      total_return: 0.31,
      cagr: 0.039,
      sharpe: { value: 0.84, standard_error: 0.31, n: 1760 },
      deflated_sharpe: 0.62,
      max_drawdown: 0.08,
      n_trades: 41,
      cost_share: 0.22,
    },
    sparkline: [1, 1.1, 1.31],
    data_changed: false,
    manifest: { panel_hash: "abcdef0123456789", parameters: {}, engine_version: "0.5.0", seed: 1 },
    rerun: null,
    causality: null,
    created_at: "2026-01-05T10:00:00Z",
    completed_at: "2026-01-05T10:00:05Z",
    job: null,
    ...given,
  };
}

/** A trade that was bought, left, and won. */
export function makeTrade(given: Partial<BacktestTrade> = {}): BacktestTrade {
  return {
    number: 1,
    pair: "KO/PEP",
    side: "LONG",
    entry_decided_at: "2020-01-02T21:00:00Z",
    entry_filled_at: "2020-01-03T21:00:00Z",
    exit_decided_at: "2020-01-06T21:00:00Z",
    exit_filled_at: "2020-01-07T21:00:00Z",
    entry_price_1: 50,
    entry_price_2: 130,
    exit_price_1: 51,
    exit_price_2: 130,
    shares_1: 100,
    shares_2: -40,
    hedge_ratio: 1.04,
    entry_z: -2.1,
    exit_z: -0.4,
    exit_reason: "exit",
    gross_pnl: 100,
    commission: 2,
    spread_cost: 4,
    impact: 0,
    borrow: 1,
    financing: 0,
    dividends: 0,
    legging: 0,
    net_pnl: 93,
    bars_held: 2,
    mae: -10,
    mfe: 100,
    ...given,
  };
}

const setting = (name: string, title: string, given: Partial<RuleCard["parameters"][number]>) => ({
  name,
  title,
  unit: "deviations",
  default: 2,
  minimum: 0,
  maximum: 10,
  step: 0.1,
  integer: false,
  can_be_off: false,
  advanced: false,
  help: "",
  ...given,
});

/** A rule with a window, entry, exit, and a stop that is off. */
export function makeRule(): RuleCard {
  return {
    id: "rolling",
    title: "Rolling z-score",
    description: "The spread against its last bars.",
    parameters: [
      setting("window", "Window", { unit: "bars", default: 60, minimum: 5, maximum: 250, integer: true }),
      setting("entry_z", "Entry", { minimum: 0.5, maximum: 5 }),
      setting("exit_z", "Exit", { default: 0.5, minimum: -2, maximum: 3 }),
      setting("stop_z", "Stop at z", { default: null, can_be_off: true, minimum: 1 }),
    ],
  };
}
