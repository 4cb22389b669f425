const ADJUSTMENTS: Record<string, string> = {
  none: "unadjusted",
  raw: "unadjusted",
  split: "split-adjusted",
  splits: "split-adjusted",
  total_return: "total return",
};

/** What was done to the prices about splits and dividends. */
export function adjustmentWords(adjustment: string | undefined): string {
  if (!adjustment) return "adjustment unknown";
  return ADJUSTMENTS[adjustment] ?? adjustment.replaceAll("_", " ");
}

/** Where prices come from. */
export function sourceWords(source: string | undefined): string {
  return source ? source.replaceAll("_", " ") : "source unknown";
}
