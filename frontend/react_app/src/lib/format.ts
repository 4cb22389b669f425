/** Numbers, dates and durations as people read them. What is missing is an en dash, never "NaN". */

import { displayZone } from "./displayZone";

export const MISSING = "–";
const MINUS = "−";

type Maybe<T> = T | null | undefined;

function isNumber(value: Maybe<number>): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

const plain = new Map<number, Intl.NumberFormat>();

function fixed(value: number, digits: number): string {
  let format = plain.get(digits);
  if (!format) {
    format = new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    plain.set(digits, format);
  }
  const text = format.format(value);
  // "−0.00" says a sign that rounding has taken away.
  if (/^-[0.,]*$/.test(text)) return text.slice(1);
  return text.replace("-", MINUS);
}

/** A number with a fixed count of decimals, thousands grouped, and a real minus sign. */
export function formatNumber(value: Maybe<number>, digits = 2): string {
  return isNumber(value) ? fixed(value, digits) : MISSING;
}

/** As `formatNumber`, with the plus said: sign never rests on colour alone. */
export function formatSigned(value: Maybe<number>, digits = 2): string {
  if (!isNumber(value)) return MISSING;
  const text = fixed(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

export function formatCount(value: Maybe<number>): string {
  return formatNumber(value, 0);
}

/** A share of one as per cent. */
export function formatPercent(value: Maybe<number>, digits = 0): string {
  return isNumber(value) ? `${fixed(value * 100, digits)} %` : MISSING;
}

/** How sure one can be, in whole percent; never all the way, for no figure here is a proof. */
export function formatSure(probability: Maybe<number>): string {
  if (!isNumber(probability)) return MISSING;
  if (probability > 0.995) return "> 99 %";
  return probability < 0.005 ? "< 1 %" : formatPercent(probability);
}

const SMALLEST_P = 1e-6;

/** A probability: three decimals, then two significant digits, then only "< 1e−6": tables know no more than that. */
export function formatPValue(value: Maybe<number>): string {
  if (!isNumber(value)) return MISSING;
  if (value < SMALLEST_P) return "< 1e−6";
  if (value < 0.001) return value.toExponential(1).replace("-", MINUS);
  if (value > 0.9995) return "> 0.999";
  return fixed(value, 3);
}

/** A half-life in bars; none stated means that the spread does not come back. */
export function formatHalfLife(bars: Maybe<number>): string {
  if (!isNumber(bars)) return "∞";
  return bars < 10 ? fixed(bars, 1) : fixed(bars, 0);
}

const days = new Map<string, Intl.DateTimeFormat>();

/** The day of a daily bar at its exchange, `YYYY-MM-DD`: the bar carries the instant of its close. */
export function formatBarDate(timestamp: Maybe<string>, timeZone = "America/New_York"): string {
  if (!timestamp) return MISSING;
  if (/^\d{4}-\d{2}-\d{2}$/.test(timestamp)) return timestamp;
  const instant = new Date(timestamp);
  if (Number.isNaN(instant.getTime())) return MISSING;
  let format = days.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
    days.set(timeZone, format);
  }
  return format.format(instant);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clock(timeZone: string): Intl.DateTimeFormat {
  let format = clocks.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZoneName: "short",
    });
    clocks.set(timeZone, format);
  }
  return format;
}

/** An instant to the minute in a time zone, and the zone's short name; null for what is no instant. */
export function instantParts(timestamp: Maybe<string>, timeZone: string): { at: string; zone: string } | null {
  const instant = new Date(timestamp ?? NaN);
  if (Number.isNaN(instant.getTime())) return null;
  const parts = Object.fromEntries(clock(timeZone).formatToParts(instant).map(({ type, value }) => [type, value]));
  const { year = "", month = "", day = "", hour = "", minute = "", timeZoneName = "" } = parts;
  return { at: `${year}-${month}-${day} ${hour}:${minute}`, zone: timeZoneName.replace("-", MINUS) };
}

/** As words: "2026-01-05 10:00 UTC", in the zone the person chose. Screens use `<Instant>`, which follows the choice. */
export function formatDateTime(timestamp: Maybe<string>, timeZone = displayZone.get()): string {
  const parts = instantParts(timestamp, timeZone);
  return parts ? `${parts.at} ${parts.zone}` : MISSING;
}

const two = (value: number) => String(value).padStart(2, "0");

/** A length of time, in two units at most: "0.8 s", "12 s", "3 min 05 s", "1 h 02 min". */
export function formatDuration(seconds: Maybe<number>): string {
  if (!isNumber(seconds) || seconds < 0) return MISSING;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

const AGES: readonly [string, number][] = [
  ["year", 365.25],
  ["month", 30.44],
  ["day", 1],
];

/** How old data is, by its last bar: "today", "3 days old", "4 years old". */
export function formatAge(timestamp: Maybe<string>, now: Date = new Date()): string {
  if (!timestamp) return MISSING;
  const elapsed = (now.getTime() - new Date(timestamp).getTime()) / 86_400_000;
  if (Number.isNaN(elapsed)) return MISSING;
  for (const [unit, length] of AGES) {
    const count = Math.floor(elapsed / length);
    if (count >= (unit === "month" ? 2 : 1)) return `${count} ${unit}${count === 1 ? "" : "s"} old`;
  }
  return "today";
}

/** "1 pair", "2 pairs", "1,234 pairs". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A size in bytes: "812 B", "20.7 MB". Decimal units, as drives and file managers count. */
export function formatBytes(bytes: Maybe<number>): string {
  if (!isNumber(bytes)) return MISSING;
  if (bytes < 1000) return `${fixed(bytes, 0)} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const size = bytes / 1000 ** power;
  return `${fixed(size, size < 100 ? 1 : 0)} ${["B", "kB", "MB", "GB", "TB"][power] ?? ""}`;
}
