/** What a file does not say of itself: the options of an upload, and the form fields they are sent as. */
import type { Decimal, DateOrder, UploadAdjustment, UploadLayout } from "@/lib/api";

/** Into which universe: a new one, none, or the id of one there is. */
export const AFTER_FILE = "after-file";
export const NAMED = "named";
export const NONE = "none";

export interface UploadOptions {
  readonly into: string;
  readonly universe_name: string;
  readonly source: string;
  readonly symbol: string;
  readonly adjustment: UploadAdjustment;
  readonly calendar: string;
  readonly timezone: string;
  readonly date_order: DateOrder;
  readonly layout: UploadLayout;
  readonly decimal: Decimal;
}

export const OPTION_FIELDS = [
  "into",
  "universe_name",
  "source",
  "symbol",
  "adjustment",
  "calendar",
  "timezone",
  "date_order",
  "layout",
  "decimal",
] as const satisfies readonly (keyof UploadOptions)[];

export const DEFAULT_OPTIONS: UploadOptions = {
  into: AFTER_FILE,
  universe_name: "",
  source: "",
  symbol: "",
  adjustment: "auto",
  calendar: "XNYS",
  timezone: "",
  date_order: "auto",
  layout: "auto",
  decimal: "auto",
};

export type UploadOptionErrors = Partial<Record<keyof UploadOptions, string>>;

/** What is wrong with the options before anything is sent. */
export function checkOptions({ into, universe_name, symbol, calendar }: UploadOptions): UploadOptionErrors {
  const errors: UploadOptionErrors = {};
  if (into === NAMED && universe_name.trim() === "") errors.universe_name = "Give the new universe a name.";
  if (symbol.trim() !== "" && !/^[A-Za-z0-9._:^=/-]{1,20}$/.test(symbol.trim())) {
    errors.symbol = "A ticker has at most 20 letters, digits and . _ : ^ = / -";
  }
  if (calendar.trim() === "") errors.calendar = "Name the exchange's calendar, such as XNYS.";
  return errors;
}

const ENDINGS = /\.(csv|txt|tsv|parquet|pq|gz|zip|dat)$/i;

/** A universe's name for the files of one drop: the one file's name in words, or the day for several. */
export function universeNameOf(files: readonly Pick<File, "name">[], today: string): string {
  const [first] = files;
  if (first === undefined || files.length > 1) return `Upload of ${today}`;
  let stem = first.name;
  while (ENDINGS.test(stem)) stem = stem.replace(ENDINGS, "");
  const words = stem.replace(/[_\s]+/g, " ").trim().slice(0, 100);
  return words === "" ? `Upload of ${today}` : words;
}

/** The options as the request's fields; what is left to the file is left out. */
export function toFields(options: UploadOptions, files: readonly Pick<File, "name">[], today: string): Record<string, string> {
  const fields: Record<string, string> = {};
  if (options.into === AFTER_FILE) fields.universe_name = universeNameOf(files, today);
  else if (options.into === NAMED) fields.universe_name = options.universe_name.trim();
  else if (options.into !== NONE) fields.universe = options.into;
  for (const field of ["adjustment", "date_order", "layout", "decimal"] as const) {
    if (options[field] !== "auto") fields[field] = options[field];
  }
  for (const field of ["source", "timezone", "calendar"] as const) {
    const value = options[field].trim();
    if (value !== "") fields[field] = value;
  }
  // A ticker names one file's symbol; of several files each is asked for its own.
  const symbol = options.symbol.trim().toUpperCase();
  if (symbol !== "" && files.length === 1) fields.symbol = symbol;
  return fields;
}

const ADJUSTMENT_WORDS: Record<UploadAdjustment, string> = {
  auto: "adjustment as the file says",
  raw: "unadjusted prices",
  split: "split-adjusted prices",
  total_return: "total-return prices",
};

/** The options in a few words, for when they are folded away. */
export function optionWords(options: UploadOptions, universeName: string | undefined): string {
  const into = {
    [AFTER_FILE]: "into a new universe named after the file",
    [NAMED]: `into “${options.universe_name.trim() || "a new universe"}”`,
    [NONE]: "into no universe",
  }[options.into];
  const order = { auto: null, day_first: "day first", month_first: "month first" }[options.date_order];
  return [
    into ?? `into “${universeName ?? "a universe"}”`,
    ADJUSTMENT_WORDS[options.adjustment],
    `calendar ${options.calendar.trim()}`,
    order,
    options.symbol.trim() === "" ? null : `symbol ${options.symbol.trim().toUpperCase()}`,
  ]
    .filter((words) => words !== null)
    .join(", ");
}
