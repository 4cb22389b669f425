/** The scan form's values: defaults, checks, and the request made of them. */

import { decimal, isDay, percentText, shareOf, wholeNumber } from "@/components/form";
import type { Autolag, ScanParameters, ScanCreateRequest, Trend } from "@/lib/api";

export type LagRule = Autolag | "fixed";

/** Everything as the fields hold it; numbers stay text until they are checked. */
export interface ScanFormValues {
  readonly universe: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly trend: Trend;
  readonly autolag: LagRule;
  readonly max_lag: string;
  readonly fdr: ScanParameters["fdr"];
  /** Percent. */
  readonly alpha: string;
  readonly min_overlap: string;
  readonly within_sectors: boolean;
}

export type ScanFormField = keyof ScanFormValues;

/** The fields in the order they stand on the page. */
export const FORM_FIELDS = [
  "universe",
  "start_date",
  "end_date",
  "trend",
  "autolag",
  "max_lag",
  "min_overlap",
  "fdr",
  "alpha",
  "within_sectors",
] as const satisfies readonly ScanFormField[];

export type ScanFormErrors = Partial<Record<ScanFormField, string>>;

/** First and last day a universe has bars for. */
export interface DataSpan {
  readonly first: string;
  readonly last: string;
}

export interface FormDefaults {
  readonly alpha?: number;
  readonly minOverlap?: number;
}

/** The form before anything is typed. */
export function emptyForm(universe: string, defaults: FormDefaults = {}): ScanFormValues {
  return {
    universe,
    start_date: "",
    end_date: "",
    trend: "c",
    autolag: "aic",
    max_lag: "",
    fdr: "by",
    alpha: percentText(defaults.alpha ?? 0.05),
    min_overlap: String(defaults.minOverlap ?? 250),
    within_sectors: false,
  };
}

/** The day `years` before another, on the same day of the year (29 February falls back to the 28th). */
export function yearsBefore(day: string, years: number): string {
  const [year, month, date] = day.slice(0, 10).split("-").map(Number) as [number, number, number];
  const lastOfMonth = new Date(Date.UTC(year - years, month, 0)).getUTCDate();
  return new Date(Date.UTC(year - years, month - 1, Math.min(date, lastOfMonth)))
    .toISOString()
    .slice(0, 10);
}

/** Dates of a window of the last `years`, or of all data for null; never before the first bar. */
export function windowOf(span: DataSpan, years: number | null): { start: string; end: string } {
  const first = span.first.slice(0, 10);
  const end = span.last.slice(0, 10);
  if (years === null) return { start: first, end };
  const start = yearsBefore(end, years);
  return { start: start < first ? first : start, end };
}

function dateErrors(values: ScanFormValues, span: DataSpan | null): ScanFormErrors {
  const { start_date: start, end_date: end } = values;
  if (start !== "" && !isDay(start)) return { start_date: "Give a date as YYYY-MM-DD." };
  if (end !== "" && !isDay(end)) return { end_date: "Give a date as YYYY-MM-DD." };
  if (start !== "" && end !== "" && end <= start) {
    return { end_date: "The end must be after the start." };
  }
  if (span === null) return {};
  if (start !== "" && start > span.last.slice(0, 10)) {
    return { start_date: `The data end on ${span.last.slice(0, 10)}; start before that.` };
  }
  if (end !== "" && end < span.first.slice(0, 10)) {
    return { end_date: `The data begin on ${span.first.slice(0, 10)}; end after that.` };
  }
  return {};
}

/** What is wrong with the values, field by field; empty when the scan can be asked for. */
export function checkForm(values: ScanFormValues, span: DataSpan | null = null): ScanFormErrors {
  const errors: ScanFormErrors = dateErrors(values, span);
  if (wholeNumber(values.universe) === null) errors.universe = "Choose a universe to scan.";
  const alpha = decimal(values.alpha);
  if (alpha === null || alpha < 0.0001 || alpha > 50) {
    errors.alpha = "Give a percentage between 0.0001 and 50, for example 5.";
  }
  const overlap = wholeNumber(values.min_overlap);
  if (overlap === null || overlap < 30 || overlap > 100_000) errors.min_overlap = "Give a whole number of bars, from 30 to 100,000.";
  const lag = wholeNumber(values.max_lag);
  if (values.max_lag.trim() !== "" && lag === null) {
    errors.max_lag = "Give a whole number of bars, or leave it empty.";
  } else if (lag !== null && lag > 200) {
    errors.max_lag = "At most 200 lags.";
  } else if (values.autolag === "fixed" && lag === null) {
    errors.max_lag = "A fixed lag needs its number of bars.";
  }
  return errors;
}

/** The request for values that passed `checkForm`. */
export function toRequest(values: ScanFormValues): ScanCreateRequest {
  return {
    universe: Number(values.universe),
    ...(values.start_date === "" ? {} : { start_date: values.start_date }),
    ...(values.end_date === "" ? {} : { end_date: values.end_date }),
    timeframe: "1d",
    trend: values.trend,
    autolag: values.autolag === "fixed" ? null : values.autolag,
    max_lag: wholeNumber(values.max_lag),
    fdr: values.fdr,
    alpha: shareOf(values.alpha) ?? 0.05,
    min_overlap: wholeNumber(values.min_overlap) ?? 250,
    within_sectors: values.within_sectors,
  };
}
