/** Words of an upload's report. */
import type { IngestionReport } from "@/lib/api";
import { formatBarDate, formatCount, plural } from "@/lib/format";

const REASONS: Record<string, string> = {
  duplicate: "Duplicate",
  out_of_order: "Out of order",
  not_finite: "Not a finite number",
  non_positive: "Price not positive",
  high_below_low: "High below low",
  close_outside: "Close outside the range",
  negative_volume: "Negative volume",
  unadjusted_split: "Jump like a split",
  holiday: "Exchange was closed",
  missing_session: "Session missing",
  absurd_price: "Absurd price",
  bad_date: "Date not readable",
  bad_number: "Number not readable",
  no_symbol: "No symbol",
  rebuilt_differs: "Rebuilt differs from the provider's",
};

/** A reason's name; a new one of the server's is at least readable. */
export function reasonWords(reason: string): string {
  const plain = reason.replaceAll("_", " ");
  return REASONS[reason] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

const MEANINGS: Record<string, string> = { timestamp: "date", adjusted_close: "adjusted close" };

/** "date ← Date", "close ← Adj Close": what each column was taken for. */
export function columnWords(columns: IngestionReport["columns"]): string[] {
  return Object.entries(columns).map(([meaning, heading]) => {
    const words = MEANINGS[meaning] ?? meaning.replaceAll("_", " ");
    return heading === "" || heading.toLowerCase() === words ? words : `${words} ← ${heading}`;
  });
}

type Counts = Pick<IngestionReport, "rows_read" | "stored" | "changed" | "unchanged" | "quarantined" | "n_symbols">;

/** The report in one sentence. */
export function reportSentence(report: Counts): string {
  const { stored, changed, unchanged, quarantined } = report;
  if (report.rows_read === 0) return "The file has no rows.";
  const symbols = plural(report.n_symbols, "symbol");
  if (stored + changed === 0 && quarantined === 0) {
    return `All ${plural(unchanged, "bar")} of ${symbols} were here already, with the same values: nothing changed.`;
  }
  const aside = quarantined === 0 ? "none was set aside" : `${plural(quarantined, "row")} ${quarantined === 1 ? "was" : "were"} set aside`;
  const renewed = changed === 0 ? "" : `, ${formatCount(changed)} changed`;
  return `${plural(stored, "bar")} of ${symbols} stored${renewed}; ${aside}.`;
}

/** The cells of a row as the file had them: "close 1e308 · volume −5". */
export function cellsWords(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}

/** A row's message without the row and day it begins with: these have columns of their own. */
export function plainMessage(message: string): string {
  const rest = message.replace(/^row [\d,]+(?:, [^:]*)?: /i, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** The day a row is of: as the file had it where it gave no time, else the day at the exchange. */
export function rowDay(timestamp: string | null): string {
  return timestamp?.endsWith("T00:00:00Z") ? timestamp.slice(0, 10) : formatBarDate(timestamp);
}

/** Whether a refusal asks which way round the dates are. */
export function asksDateOrder(error: string): boolean {
  return /date_order|day_first|month_first/.test(error);
}
