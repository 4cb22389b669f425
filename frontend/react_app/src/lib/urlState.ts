/**
 * Readers for what stands in an address. Each takes anything (people edit addresses, links age) and gives a value that
 * is right or `undefined`, so that a bad link opens the page with its defaults instead of an error.
 */

export type RawSearch = Record<string, unknown>;

/** Text, trimmed; empty is nothing. */
export function text(value: unknown, maxLength = 200): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const trimmed = String(value).trim().slice(0, maxLength);
  return trimmed === "" ? undefined : trimmed;
}

/** A number between two bounds. */
export function number(value: unknown, min = -Infinity, max = Infinity): number | undefined {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) && parsed >= min && parsed <= max ? parsed : undefined;
}

export function integer(value: unknown, min = -Infinity, max = Infinity): number | undefined {
  const parsed = number(value, min, max);
  return parsed !== undefined && Number.isInteger(parsed) ? parsed : undefined;
}

export function flag(value: unknown): boolean | undefined {
  if (value === true || value === "true" || value === 1 || value === "1") return true;
  if (value === false || value === "false" || value === 0 || value === "0") return false;
  return undefined;
}

/** One of the words given. */
export function oneOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((each) => each === value);
}

/** A day, `YYYY-MM-DD`, that the calendar has. */
export function day(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const parsed = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(parsed.getTime())) return undefined;
  return parsed.toISOString().startsWith(value) ? value : undefined;
}

/** A ticker as the server keeps it: upper case, at most 20 characters. */
export function ticker(value: unknown): string | undefined {
  const given = text(value, 21)?.toUpperCase();
  return given !== undefined && given.length <= 20 && /^[A-Z0-9._:^=/-]+$/.test(given) ? given : undefined;
}

/** An ordering like `pvalue` or `-pvalue`, by one of the columns given. */
export function ordering<T extends string>(value: unknown, columns: readonly T[]): T | `-${T}` | undefined {
  if (typeof value !== "string") return undefined;
  const column = oneOf(value.replace(/^-/, ""), columns);
  if (column === undefined) return undefined;
  return value.startsWith("-") ? `-${column}` : column;
}

/**
 * A reader that also says `undefined` for every key it dropped: the router lays what a reader gives over the bare query
 * string, where "scan=abc" would otherwise stay.
 */
export function strictly<T extends object>(parse: (raw: RawSearch) => T): (raw: RawSearch) => T {
  return (raw) => ({ ...Object.fromEntries(Object.keys(raw).map((key) => [key, undefined])), ...parse(raw) });
}

/** Drops what is `undefined`, so that defaults leave no trace in the address. */
export function compact<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}
