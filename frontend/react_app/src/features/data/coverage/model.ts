/** A universe's bars by symbol and month, as marks to draw and rows to read. */
import type { SymbolQuality, UniverseQuality } from "@/lib/api";
import { formatCount, formatPercent, plural } from "@/lib/format";

/** `outside`: before the first bar or after the last, or a month without sessions. */
export type MonthState = "outside" | "full" | "partial" | "missing";

export function monthState(count: number, expected: number): MonthState {
  if (count === 0) return expected === 0 ? "outside" : "missing";
  return count < expected ? "partial" : "full";
}

type Months = Pick<SymbolQuality, "counts" | "expected" | "quarantined">;

/** Height of a strip in its own units, and the least heights at which a mark can still be seen. */
export const STRIP_HEIGHT = 20;
const LEAST_GAP = 6;
const FOOT = 6;
const CAP = 3;
/** Share of a month's width that is drawn: the rest parts it from the next, where months are wide enough for that. */
const cellWidth = (months: number) => (months > 200 ? 1 : 0.86);

/** SVG paths of one symbol's strip; a month is one unit wide. */
export interface StripPaths {
  /** Bars there are: height is their share of the sessions. */
  readonly present: string;
  /** What lacks above them. */
  readonly lacking: string;
  /** Months with no bar at all: a foot at the base line. */
  readonly missing: string;
  /** Rows of uploads set aside: a cap at the top. */
  readonly aside: string;
}


export function stripPaths({ counts, expected, quarantined }: Months): StripPaths {
  const paths = { present: "", lacking: "", missing: "", aside: "" };
  const width = cellWidth(counts.length);
  const box = (x: number, top: number, height: number) => `M${x} ${top}h${width}v${height}h-${width}z`;
  counts.forEach((count, month) => {
    const wanted = expected[month] ?? 0;
    if ((quarantined[month] ?? 0) > 0) paths.aside += box(month, 0, CAP);
    const state = monthState(count, wanted);
    if (state === "outside") return;
    if (state === "missing") {
      paths.missing += box(month, STRIP_HEIGHT - FOOT, FOOT);
      return;
    }
    const gap = state === "full" ? 0 : Math.min(STRIP_HEIGHT - 2, Math.max(LEAST_GAP, (1 - count / wanted) * STRIP_HEIGHT));
    paths.present += box(month, gap, STRIP_HEIGHT - gap);
    if (gap > 0) paths.lacking += box(month, 0, gap);
  });
  return paths;
}

/** One month of one symbol, as the table says it. */
export interface MonthRow {
  readonly ticker: string;
  readonly month: string;
  readonly count: number;
  readonly expected: number;
  readonly quarantined: number;
  readonly state: MonthState;
}

/** Every month of every symbol that something can be said of; only those with gaps or rows set aside unless `all`. */
export function monthRows({ months, symbols }: UniverseQuality, all: boolean): MonthRow[] {
  return symbols.flatMap(({ ticker, counts, expected, quarantined }) =>
    months.flatMap((month, index) => {
      const [count, wanted, aside] = [counts[index] ?? 0, expected[index] ?? 0, quarantined[index] ?? 0];
      const state = monthState(count, wanted);
      const told = aside > 0 || (all ? state !== "outside" : state === "partial" || state === "missing");
      return told ? [{ ticker, month, count, expected: wanted, quarantined: aside, state }] : [];
    }),
  );
}

/** Years to name under the axis: `at` counts months from the left. */
export function yearTicks(months: readonly string[]): { readonly year: string; readonly at: number }[] {
  const starts = months.flatMap((month, at) => (month.endsWith("-01") ? [{ year: month.slice(0, 4), at }] : []));
  const every = starts.length > 24 ? 5 : starts.length > 12 ? 2 : 1;
  return starts.filter(({ year }) => Number(year) % every === 0);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2013-05" → "May 2013". */
export function monthWords(month: string): string {
  const [year = "", number = ""] = month.split("-");
  return `${MONTHS[Number(number) - 1] ?? number} ${year}`;
}

function barWords(count: number, expected: number): string {
  const state = monthState(count, expected);
  if (state === "outside") return "outside its history";
  if (state === "missing") return `no bar of ${expected} sessions`;
  return count > expected ? `${count} bars, ${expected} sessions` : `${count} of ${expected} sessions`;
}

/** "20 of 21 sessions", "no bar of 21 sessions; 2 rows set aside". */
export function cellWords(count: number, expected: number, quarantined = 0): string {
  const words = barWords(count, expected);
  return quarantined === 0 ? words : `${words}; ${plural(quarantined, "row")} set aside`;
}

/** What a strip shows, for those who do not see it. */
export function stripWords({ counts, expected, quarantined }: Months): string {
  const states = counts.map((count, month) => monthState(count, expected[month] ?? 0));
  const of = (wanted: MonthState) => states.filter((state) => state === wanted).length;
  const [full, partial, missing] = [of("full"), of("partial"), of("missing")];
  const aside = quarantined.filter((rows) => rows > 0).length;
  return `${plural(full, "month")} whole, ${partial} with gaps, ${missing} without a bar, ${aside} with rows set aside`;
}

/** The universe's quality in one sentence. */
export function qualityWords({ quality, symbols }: UniverseQuality): string {
  if (quality === null) return "No bar of this universe is stored yet.";
  const missing = symbols.reduce((sum, { n_missing }) => sum + n_missing, 0);
  const aside = symbols.reduce((sum, { n_quarantined }) => sum + n_quarantined, 0);
  const holed = symbols.filter(({ n_missing }) => n_missing > 0).length;
  const gaps =
    missing === 0
      ? "no session is missing"
      : `${plural(missing, "session")} missing, in ${formatCount(holed)} of ${plural(symbols.length, "symbol")}`;
  const rows = aside === 0 ? "" : `; ${plural(aside, "row")} of its uploads set aside`;
  return `Quality ${qualityPercent(quality)}: ${gaps}${rows}.`;
}

/** A quality as per cent that is never rounded up to whole: 0.99996 is not 100 %. */
export function qualityPercent(quality: number): string {
  return formatPercent(Math.floor(quality * 1e4) / 1e4, quality === 1 ? 0 : 2);
}
