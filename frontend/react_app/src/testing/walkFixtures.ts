import type { ChosenPair, QuickResult, Results, RuleCard, Signal, WalkForward, WalkForwardWindow } from "@/lib/api";

/** A pair a window chose. */
export function makeChosen(given: Partial<ChosenPair> = {}): ChosenPair {
  return {
    symbol_1: "KO",
    symbol_2: "PEP",
    hedge_ratio: 0.8,
    pvalue: 0.01,
    qvalue: 0.2,
    half_life: 12,
    rule: "rolling",
    parameters: { entry_z: 2, window: 60 },
    in_sample_sharpe: 1.6,
    sharpe: 0.5,
    net_pnl: 900,
    n_trades: 4,
    ...given,
  };
}

/** A finished window; `sharpes` are of training and test. */
export function makeWindow(number: number, sharpes: [number | null, number | null] = [1.5, 0.5], given: Partial<WalkForwardWindow> = {}): WalkForwardWindow {
  const year = 2014 + number;
  const side = (sharpe: number | null) => ({ sharpe, total_return: 0.02, max_drawdown: 0.03, n_trades: 9 });
  return {
    number,
    train_start: `${year - 2}-01-03T21:00:00Z`,
    train_end: `${year - 1}-12-28T21:00:00Z`,
    test_start: `${year}-01-03T21:00:00Z`,
    test_end: `${year}-07-01T20:00:00Z`,
    n_tests: 190,
    n_discoveries: 0,
    n_trials: 30,
    pairs: [makeChosen()],
    in_sample: side(sharpes[0]),
    out_of_sample: side(sharpes[1]),
    skipped: [],
    ...given,
  };
}

/** A finished walk-forward. */
export function makeWalkForward(given: Partial<WalkForward> = {}): WalkForward {
  return {
    id: 3,
    name: "",
    pairs: [],
    rule: "rolling",
    universe: { id: 1, name: "US large caps" },
    scan: null,
    scheme: "rolling",
    train_bars: 504,
    test_bars: 126,
    purge: 60,
    embargo: 60,
    top: 5,
    selection: "strongest",
    grid: { entry_z: [1.5, 2], window: [60] },
    n_windows: 2,
    n_done: 2,
    metrics: {
      total_return: 0.04,
      cagr: 0.01,
      sharpe: { value: 0.6, standard_error: 0.3, n: 1512 },
      deflated_sharpe: 0.4,
      max_drawdown: 0.08,
      n_trades: 18,
      cost_share: 0.2,
    },
    in_sample_sharpe: 1.5,
    sparkline: [1, 1.02, 1.04],
    warnings: [],
    start_date: "2012-12-28",
    end_date: "2022-12-28",
    created_at: "2026-01-05T10:00:00Z",
    completed_at: "2026-01-05T10:00:09Z",
    data_changed: false,
    job: null,
    ...given,
  } as WalkForward;
}

/** What is judged of a run. */
export function makeJudged(given: Partial<Results> = {}): Results {
  return {
    metrics: {},
    monthly: null,
    costs: null,
    deflated: { sharpe: 0.05, sr0: 0.08, n_trials: 480, effective_n: 120, probability: 0.31, is_significant: false, words: "" },
    overfitting: { pbo: 0.55, pbo_words: "", min_track_record: 504, min_track_record_years: 2, min_track_record_words: "" },
    monte_carlo: {
      resampled: {
        n_paths: 500,
        levels: [0.05, 0.5, 0.95],
        at: [0, 100],
        bands: [
          [100, 90],
          [100, 110],
          [100, 130],
        ],
        quantiles: { total_return: [-0.1, 0.1, 0.3], maximum_drawdown: [0.01, 0.05, 0.2], sharpe_ratio: [-1, 0.5, 2] },
        ruin_share: 0,
        drawdown_share: 0.4,
        block_length: 5,
      },
      shuffled: null,
    },
    warnings: [],
    ...given,
  };
}

/** The rolling rule with the settings that sliders move most. */
export const ROLLING: RuleCard = {
  id: "rolling",
  title: "Rolling z-score",
  description: "",
  parameters: [
    ["window", "Window", "bars", 60, 5, 250, 1, true, false],
    ["entry_z", "Entry", "deviations", 2, 0.5, 5, 0.05, false, false],
    ["exit_z", "Exit", "deviations", 0.5, -2, 3, 0.05, false, false],
    ["stop_z", "Stop at z", "deviations", null, 1, 10, 0.1, false, true],
  ].map(([name, title, unit, usual, minimum, maximum, step, integer, off]) => ({
    name, title, unit, default: usual, minimum, maximum, step, integer, can_be_off: off, advanced: false, help: "",
  })) as RuleCard["parameters"],
};

export function makeQuick(given: Partial<QuickResult> = {}): QuickResult {
  return {
    timestamps: ["2020-01-02T21:00:00Z", "2020-01-06T21:00:00Z"],
    equity: [1, 1.02],
    metrics: makeWalkForward().metrics,
    trades: [
      { entry: "2020-01-03T21:00:00Z", exit: "2020-01-06T21:00:00Z", side: "LONG", net_pnl: 120, exit_reason: "exit" },
      { entry: "2020-01-06T21:00:00Z", exit: null, side: "SHORT", net_pnl: -5, exit_reason: "open" },
    ],
    n_trials: 4,
    deflated_sharpe: 0.7,
    fit_end: "2019-12-31",
    start_date: "2020-01-02",
    end_date: "2020-01-06",
    warnings: [],
    ...given,
  } as QuickResult;
}

export function makeSignal(given: Partial<Signal> = {}): Signal {
  return {
    id: 1,
    pair: 2,
    symbol_1: "KO",
    symbol_2: "PEP",
    timestamp: "2020-01-03T21:00:00Z",
    signal_type: "ENTRY_LONG",
    z_score: -2.1,
    spread_value: 0.02,
    confidence_score: 0.6,
    n_past: 10,
    in_sample: false,
    regime: "",
    processed: false,
    ...given,
  };
}
