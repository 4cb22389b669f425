/** A scan's parameters in words. */
import type { Scan, Trend } from "@/lib/api";
import { plural } from "@/lib/format";
import { shortPercent, windowWords } from "@/lib/scanWords";

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

/** Everything that was asked for, as short phrases. */
export function parameterWords(
  scan: Pick<Scan, "parameters" | "start_date" | "end_date" | "n_symbols">,
): string[] {
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
