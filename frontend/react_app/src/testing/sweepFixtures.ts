import type { Combination, CombinationRow, RuleCard, Surface, Sweep } from "@/lib/api";

/** A combination with its figures. */
export function makeCombination(parameters: Record<string, number | null> = { window: 40, entry_z: 2 }, sharpe = 1.2): Combination {
  return { parameters, sharpe: { value: sharpe, standard_error: 0.4, n: 1500 }, total_return: 0.3, max_drawdown: 0.08, n_trades: 31 };
}

/** A finished sweep of 2 × 3. */
export function makeSweep(given: Partial<Sweep> = {}): Sweep {
  return {
    id: 5,
    name: "",
    pairs: [["KO", "PEP"]],
    rule: "rolling",
    parameters: { window: 60, entry_z: 2, exit_z: 0.5, stop_z: null, time_stop: 0, hedge_window: 0 },
    costs: { half_spread_bps: 2 },
    sizing: { name: "fraction", fraction: 1 },
    limits: {},
    capital: 100_000,
    timeframe: "1d",
    periods_per_year: 252,
    start_date: "2016-04-29",
    end_date: "2022-12-28",
    fit_end: "2016-04-28",
    universe: null,
    scan: null,
    strategy: null,
    family: "f",
    warnings: [],
    manifest: null,
    method: "grid",
    grid: { window: [40, 60], entry_z: [1.5, 2, 2.5] },
    ranges: {},
    n_trials: null,
    seed: null,
    n_combinations: 6,
    n_left_out: 0,
    n_repeated: 0,
    summary: {
      best: makeCombination(),
      plateau: { ...makeCombination({ window: 60, entry_z: 2 }, 1.0), score: 0.9 },
      plateau_words: "Mean of neighbours.",
      deflated: { sharpe: 0.08, sr0: 0.04, n_trials: 6, effective_n: 3, probability: 0.8, is_significant: false, words: "So far 6 configurations were looked at." },
      pbo: 0.3,
      pbo_words: "In 30 % of the ways to split.",
      correlation: 0.5,
    },
    created_at: "2026-01-05T10:00:00Z",
    completed_at: "2026-01-05T10:00:09Z",
    job: null,
    ...given,
  };
}

/** A search's sweep: three settings, one of them by ratio. */
export function makeSearch(given: Partial<Sweep> = {}): Sweep {
  return makeSweep({
    method: "search",
    grid: {},
    ranges: { window: { from: 10, to: 90, step: null, log: true }, entry_z: { from: 1, to: 3, step: 0.1, log: false } },
    n_trials: 60,
    seed: 7,
    n_combinations: 50,
    n_left_out: 4,
    n_repeated: 6,
    ...given,
  });
}

export function makeSurface(given: Partial<Surface> = {}): Surface {
  return {
    method: "grid",
    x: "window",
    y: "entry_z",
    metric: "sharpe_ratio",
    x_values: [40, 60],
    y_values: [1.5, 2, 2.5],
    values: [
      [0.5, 0.4],
      [1.2, 1.0],
      [null, -0.6],
    ],
    numbers: [
      [1, 4],
      [2, 5],
      [null, 6],
    ],
    points: null,
    fixed: {},
    best: { x: 40, y: 2, value: 1.2 },
    plateau: { x: 60, y: 2, value: 0.9 },
    pbo: 0.3,
    deflated: null,
    ...given,
  };
}

export function makeCloud(given: Partial<Surface> = {}): Surface {
  return makeSurface({
    method: "search",
    x_values: [],
    y_values: [],
    values: [],
    numbers: [],
    points: { number: [1, 2, 3], x: [10, 30, 90], y: [1, 2, 3], value: [0.4, 1.2, -0.3] },
    best: { x: 30, y: 2, value: 1.2 },
    plateau: { x: 10, y: 1, value: 0.5 },
    ...given,
  });
}

export function makeRow(number: number, sharpe: number, parameters: Record<string, number | null> = { window: 40, entry_z: 2 }): CombinationRow {
  return {
    number,
    parameters,
    probability: 0.9,
    plateau: 0.5,
    total_return: 0.2,
    annual_return: 0.03,
    volatility: 0.05,
    sharpe_ratio: sharpe,
    sortino_ratio: 1,
    calmar_ratio: 1,
    maximum_drawdown: 0.07,
    n_trades: 30,
    win_rate: 0.6,
    profit_factor: 1.4,
    expectancy: 100,
    holding_time: 8,
    exposure: 0.3,
    costs: 900,
  };
}

/** The rule as the server describes it, shortened. */
export const SWEEP_RULE = {
  id: "rolling",
  title: "Rolling z-score",
  description: "",
  parameters: [
    { name: "window", title: "Window", unit: "bars", default: 60, minimum: 5, maximum: 250, step: 1, integer: true, can_be_off: false, help: "", advanced: false },
    { name: "entry_z", title: "Entry", unit: "deviations", default: 2, minimum: 0.5, maximum: 5, step: 0.05, integer: false, can_be_off: false, help: "", advanced: false },
    { name: "exit_z", title: "Exit", unit: "deviations", default: 0.5, minimum: -2, maximum: 3, step: 0.05, integer: false, can_be_off: false, help: "", advanced: false },
    { name: "stop_z", title: "Stop at z", unit: "deviations", default: null, minimum: 1, maximum: 10, step: 0.1, integer: false, can_be_off: true, help: "", advanced: false },
    { name: "time_stop", title: "Time stop", unit: "bars", default: 0, minimum: 0, maximum: 250, step: 1, integer: true, can_be_off: false, help: "", advanced: false },
    { name: "hedge_window", title: "Rolling hedge", unit: "bars", default: 0, minimum: 0, maximum: 500, step: 1, integer: true, can_be_off: false, help: "", advanced: true },
  ],
} as unknown as RuleCard;
