/** A scan's parameters in words. */
import type { Scan, Trend } from "@/lib/api";
import { formatBarDate, plural } from "@/lib/format";

import { shortPercent } from "./sentences";

export const TREND_WORDS: Record<Trend, string> = {
  n: "no constant",
  c: "constant",
  ct: "constant and trend",
  ctt: "constant, trend and squared trend",
};

/** "lags by AIC", "lags by BIC, at most 10", "5 lags". */
export function lagWords({ autolag, max_lag }: Pick<Scan["parameters"], "autolag" | "max_lag">): string {
  if (autolag === null) return plural(max_lag ?? 0, "lag");
  const rule = autolag === "t-stat" ? "t statistic" : autolag.toUpperCase();
  return max_lag === null ? `lags by ${rule}` : `lags by ${rule}, at most ${max_lag}`;
}

/** The window, as days: "2012-12-28 – 2022-12-28". */
export function windowWords({ start_date, end_date }: Pick<Scan, "start_date" | "end_date">): string {
  if (start_date === null && end_date === null) return "all data";
  return `${start_date === null ? "first bar" : formatBarDate(start_date)} – ${
    end_date === null ? "last bar" : formatBarDate(end_date)
  }`;
}

/** What was scanned: the universe's name, or the tickers. */
export function subjectWords({ universe, symbols }: Pick<Scan, "universe" | "symbols">): string {
  if (universe !== null) return universe.name;
  return symbols.length > 4 ? `${symbols.slice(0, 4).join(", ")} and ${symbols.length - 4} more` : symbols.join(", ");
}

/** Everything that was asked for, as short phrases. */
export function parameterWords(scan: Scan): string[] {
  const { parameters } = scan;
  return [
    windowWords(scan),
    plural(scan.n_symbols, "symbol"),
    TREND_WORDS[parameters.trend],
    lagWords(parameters),
    `${parameters.fdr.toUpperCase()} at ${shortPercent(parameters.alpha)}`,
    `at least ${plural(parameters.min_overlap, "common bar")}`,
    ...(parameters.within_sectors ? ["within sectors"] : []),
  ];
}
