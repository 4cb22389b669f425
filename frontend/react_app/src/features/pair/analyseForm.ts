/** The analyse form's values: read from the address, checked, and written back to it. */
import { decimal, isDay, percentText, shareOf, wholeNumber } from "@/components/form";
import type { Trend } from "@/lib/api";
import { ticker as tickerOf } from "@/lib/urlState";

import { PAIR_DEFAULTS, type PairSearch } from "./search";

export interface AnalyseValues {
  readonly symbol_1: string;
  readonly symbol_2: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly window: string;
  /** Percent. */
  readonly significance_level: string;
  readonly min_correlation: string;
  readonly trend: Trend;
}

export type AnalyseErrors = Partial<Record<keyof AnalyseValues, string>>;

export const ANALYSE_FIELDS = [
  "symbol_1",
  "symbol_2",
  "start_date",
  "end_date",
  "window",
  "significance_level",
  "min_correlation",
  "trend",
] as const satisfies readonly (keyof AnalyseValues)[];

export function fromSearch(search: PairSearch): AnalyseValues {
  return {
    symbol_1: search.symbol_1 ?? "",
    symbol_2: search.symbol_2 ?? "",
    start_date: search.start_date ?? "",
    end_date: search.end_date ?? "",
    window: String(search.window ?? PAIR_DEFAULTS.window),
    significance_level: percentText(search.significance ?? PAIR_DEFAULTS.significance),
    min_correlation: String(search.min_correlation ?? PAIR_DEFAULTS.min_correlation),
    trend: search.trend ?? PAIR_DEFAULTS.trend,
  };
}

/** First and last day of the window that an analysis without dates was made on. */
export interface EffectiveWindow {
  readonly start_date: string;
  readonly end_date: string;
}

/**
 * The values with the window in force where no date was asked for. Before a date is changed by hand these are only
 * shown; once one is, both are asked for, so that what stood beside it stays true.
 */
export function withEffectiveWindow(
  values: AnalyseValues,
  window: EffectiveWindow | null,
  touched: ReadonlySet<keyof AnalyseValues>,
): AnalyseValues {
  const fill = (field: keyof EffectiveWindow) =>
    values[field] === "" && !touched.has(field) ? (window?.[field] ?? "") : values[field];
  return { ...values, start_date: fill("start_date"), end_date: fill("end_date") };
}

/** Which tickers there are the server knows, and what a wrong one resembles. */
function symbolErrors({ symbol_1, symbol_2 }: AnalyseValues): AnalyseErrors {
  const errors: AnalyseErrors = {};
  for (const [field, value] of [
    ["symbol_1", symbol_1],
    ["symbol_2", symbol_2],
  ] as const) {
    const ticker = value.trim().toUpperCase();
    if (ticker === "") errors[field] = "Choose a symbol.";
    else if (tickerOf(ticker) === undefined) errors[field] = `There is no symbol ${ticker}.`;
  }
  const same = symbol_1.trim().toUpperCase() === symbol_2.trim().toUpperCase();
  if (Object.keys(errors).length === 0 && same) errors.symbol_2 = "A symbol has no spread with itself; choose another.";
  return errors;
}

/** What is wrong with the values, field by field. */
export function checkAnalyse(values: AnalyseValues): AnalyseErrors {
  const errors = symbolErrors(values);
  const { start_date: start, end_date: end } = values;
  if (start !== "" && !isDay(start)) errors.start_date = "Give a date as YYYY-MM-DD.";
  if (end !== "" && !isDay(end)) errors.end_date = "Give a date as YYYY-MM-DD.";
  if (isDay(start) && isDay(end) && end <= start) errors.end_date = "The end must be after the start.";
  const window = wholeNumber(values.window);
  if (window === null || window < 2 || window > 5_000) errors.window = "2 to 5,000 bars.";
  const level = decimal(values.significance_level);
  if (level === null || level < 0.0001 || level > 50) errors.significance_level = "Between 0.0001 and 50.";
  const correlation = decimal(values.min_correlation);
  if (correlation === null || correlation < -1 || correlation > 1) errors.min_correlation = "Between −1 and 1.";
  return errors;
}

function unless<T>(value: T, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

/** The part of the address that values which passed `checkAnalyse` stand for; a new window shows all its bars. */
export function toSearch(values: AnalyseValues): Partial<PairSearch> {
  return {
    symbol_1: values.symbol_1.trim().toUpperCase(),
    symbol_2: values.symbol_2.trim().toUpperCase(),
    start_date: values.start_date || undefined,
    end_date: values.end_date || undefined,
    window: unless(wholeNumber(values.window) ?? PAIR_DEFAULTS.window, PAIR_DEFAULTS.window),
    significance: unless(shareOf(values.significance_level) ?? PAIR_DEFAULTS.significance, PAIR_DEFAULTS.significance),
    min_correlation: unless(decimal(values.min_correlation) ?? PAIR_DEFAULTS.min_correlation, PAIR_DEFAULTS.min_correlation),
    trend: unless(values.trend, PAIR_DEFAULTS.trend),
    from: undefined,
    to: undefined,
  };
}
