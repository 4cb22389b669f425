/** Builds CSV and JSON text from plain rows; in CSV, cells that a spreadsheet would run as a formula are neutralised. */

export type CsvCell = string | number | boolean | null | undefined;

/** What spreadsheets take for the start of a formula, or the end of a cell; full-width signs too. As common/csv.py has it. */
const FORMULA_START = /^ *[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One cell as CSV: numbers keep full precision, dangerous text gets a leading apostrophe. */
export function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (typeof value === "boolean") return value ? "true" : "false";
  const safe = FORMULA_START.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A whole table as RFC 4180 CSV, header first. */
export function toCsv(header: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  const lines = [header.map(csvCell).join(",")];
  for (const row of rows) lines.push(row.map(csvCell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** Hands a blob to the browser as a file download. */
export function download(blob: Blob, filename: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = filename;
  anchor.click();
  // Revoking at once can cancel the download in some browsers.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Downloads rows as a CSV file. */
export function downloadCsv(
  filename: string,
  header: readonly string[],
  rows: Iterable<readonly CsvCell[]>,
): void {
  download(new Blob([toCsv(header, rows)], { type: "text/csv;charset=utf-8" }), filename);
}

/** Rows as a JSON list of objects, a row a line; a missing value, and a number that is none, is null. */
export function toJson(names: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  const lines = Array.from(rows, (row) =>
    JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
  );
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`;
}

/** Downloads rows as a JSON file. */
export function downloadJson(
  filename: string,
  names: readonly string[],
  rows: Iterable<readonly CsvCell[]>,
): void {
  download(new Blob([toJson(names, rows)], { type: "application/json" }), filename);
}
