/** What the Pair page keeps in the URL, and how it is read back. */
import type { RuleName, Trend } from "@/lib/api";
import { compact, day, flag, integer, number, oneOf, text, ticker, type RawSearch } from "@/lib/urlState";

export type PriceScale = "rebased" | "prices";
export const TRENDS: readonly Trend[] = ["n", "c", "ct", "ctt"];

/** What stands beside the charts: the statistics (usual), a rule with its sliders, or the signals. */
export type PairPanel = "rule" | "signals";
export const RULES: readonly RuleName[] = ["rolling", "ewma", "kalman", "ou"];

export interface PairSearch {
  readonly symbol_1?: string;
  readonly symbol_2?: string;
  readonly start_date?: string;
  readonly end_date?: string;
  /** Bars of the trailing z-score window; default 60. */
  readonly window?: number;
  /** Significance level as a share; default 0.05. */
  readonly significance?: number;
  /** Least correlation of log returns; default 0.6. */
  readonly min_correlation?: number;
  readonly trend?: Trend;
  /** Visible part of the charts. */
  readonly from?: string;
  readonly to?: string;
  /** Both legs rebased to 100 (default) or on two price scales. */
  readonly scale?: PriceScale;
  /** Entry level of the z-score and width of the bands; default 2. */
  readonly k?: number;
  /** Show the numbers beside the charts. */
  readonly table?: boolean;
  readonly panel?: PairPanel;
  /** Rule that is tried; the rolling z-score otherwise. */
  readonly rule?: RuleName;
  /** Sliders that were moved: "entry_z:2.5,stop_z:off". */
  readonly set?: string;
  /** Scan the pair was opened from. */
  readonly scan?: number;
}

export const PAIR_DEFAULTS = {
  window: 60,
  significance: 0.05,
  min_correlation: 0.6,
  trend: "c",
  scale: "rebased",
  k: 2,
} as const;

/** Leaves defaults out, so that an address says only what differs. */
function unless<T>(value: T | undefined, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

/** Reads the query string; unknown keys and nonsense values are dropped rather than refused. */
export function parsePairSearch(raw: RawSearch): PairSearch {
  return compact<PairSearch>({
    symbol_1: ticker(raw.symbol_1),
    symbol_2: ticker(raw.symbol_2),
    start_date: day(raw.start_date),
    end_date: day(raw.end_date),
    window: unless(integer(raw.window, 2, 10_000), PAIR_DEFAULTS.window),
    significance: unless(number(raw.significance, 1e-6, 0.5), PAIR_DEFAULTS.significance),
    min_correlation: unless(number(raw.min_correlation, -1, 1), PAIR_DEFAULTS.min_correlation),
    trend: unless(oneOf(raw.trend, TRENDS), PAIR_DEFAULTS.trend),
    from: day(raw.from),
    to: day(raw.to),
    scale: oneOf(raw.scale, ["prices"]),
    // Kept even where it is the usual: the person's own entry level may be another.
    k: number(raw.k, 0.1, 20),
    table: flag(raw.table) === true ? true : undefined,
    panel: oneOf(raw.panel, ["rule", "signals"]),
    rule: unless(oneOf(raw.rule, RULES), "rolling"),
    set: text(raw.set, 400),
    scan: integer(raw.scan, 1, Number.MAX_SAFE_INTEGER),
  });
}

/** The same search with the legs exchanged; ranges and settings stay. */
export function swapLegs(search: PairSearch): PairSearch {
  return { ...search, symbol_1: search.symbol_2, symbol_2: search.symbol_1 };
}
