import type { Alert, AlertKind, Severity } from "./api";
import { plural } from "./format";

export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

export const SEVERITY_WORDS: Record<Severity, string> = {
  critical: "Critical",
  warning: "Warning",
  info: "Information",
};

/** What a rule watches for, as the title of a row. */
export const KIND_WORDS: Record<AlertKind, string> = {
  job_failed: "A job of mine fails",
  job_completed: "A job of mine completes",
  scan_discoveries: "A scan finds pairs",
  data_stale: "Prices fall behind",
  rows_set_aside: "Rows are set aside",
  coverage_low: "Bars are missing",
  signal: "A watched pair gives a signal",
};

export const KINDS = Object.keys(KIND_WORDS) as AlertKind[];

/** "3 times" where the same thing was told more than once; nothing where it was told once. */
export function timesWords({ count }: Pick<Alert, "count">): string {
  return count > 1 ? plural(count, "time") : "";
}

/** What a number on the bell means, read out: "3 alerts to look at". */
export function openWords(count: number): string {
  return count === 0 ? "no alert to look at" : `${plural(count, "alert")} to look at`;
}
