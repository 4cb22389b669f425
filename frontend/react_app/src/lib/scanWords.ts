/** A scan in words, wherever one is named. */
import type { Scan } from "./api";
import { formatBarDate } from "./format";

/** What was scanned: the universe's name, or the tickers. */
export function subjectWords({ universe, symbols }: Pick<Scan, "universe" | "symbols">): string {
  if (universe !== null) return universe.name;
  return symbols.length > 4 ? `${symbols.slice(0, 4).join(", ")} and ${symbols.length - 4} more` : symbols.join(", ");
}

/** The window, as days: "2012-12-28 – 2022-12-28". */
export function windowWords({ start_date, end_date }: Pick<Scan, "start_date" | "end_date">): string {
  if (start_date === null && end_date === null) return "all data";
  return `${start_date === null ? "first bar" : formatBarDate(start_date)} – ${
    end_date === null ? "last bar" : formatBarDate(end_date)
  }`;
}

/** A share as a short percentage: 0.05 → "5 %", 0.125 → "12.5 %". */
export function shortPercent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}
