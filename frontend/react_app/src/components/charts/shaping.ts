/** Turns columns of a time series into what the charts draw. Nothing here knows the chart library. */

/** Values of a series, one per timestamp; null where the server had no number. */
export type Values = readonly (number | null)[];

/** A point of a line; without `value` it is a gap. */
export interface LinePoint {
  /** Seconds since the epoch, UTC. */
  readonly time: number;
  readonly value?: number;
}

/** A run of bars, first and last index included. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** ISO instants to whole seconds since the epoch. */
export function toSeconds(timestamps: readonly string[]): number[] {
  return timestamps.map((timestamp) => Math.floor(Date.parse(timestamp) / 1000));
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** A column as line points; nulls become gaps, so the time axis keeps every bar. */
export function toLine(seconds: readonly number[], values: Values): LinePoint[] {
  return seconds.map((time, index) => {
    const value = values[index];
    return isNumber(value) ? { time, value } : { time };
  });
}

/** Whether two columns hold the same. */
export function sameValues(some: Values, others: Values): boolean {
  return some === others || (some.length === others.length && some.every((value, index) => Object.is(value, others[index])));
}

/** First bar from `start` on at which every leg has a positive price, or -1. */
export function firstCommonBar(legs: readonly Values[], start = 0): number {
  const length = Math.min(...legs.map((leg) => leg.length));
  for (let index = start; index < length; index += 1) {
    if (legs.every((leg) => (leg[index] ?? 0) > 0)) return index;
  }
  return -1;
}

/** Values as an index that is 100 at bar `base`; all null where the base bar has no usable price. */
export function rebase(values: Values, base: number): (number | null)[] {
  const start = values[base];
  if (!isNumber(start) || start === 0) return values.map(() => null);
  return values.map((value) => (isNumber(value) ? (100 * value) / start : null));
}

/** `centre ± k · width`, null where either is missing. */
export function band(centre: Values, width: Values, k: number): (number | null)[] {
  return centre.map((middle, index) => {
    const half = width[index];
    return isNumber(middle) && isNumber(half) ? middle + k * half : null;
  });
}

/** Runs of bars whose flag is true, in order. */
export function runs(flags: readonly boolean[]): IndexRange[] {
  const found: IndexRange[] = [];
  let first = -1;
  flags.forEach((flag, index) => {
    if (flag && first < 0) first = index;
    if (!flag && first >= 0) {
      found.push({ first, last: index - 1 });
      first = -1;
    }
  });
  if (first >= 0) found.push({ first, last: flags.length - 1 });
  return found;
}

/** Index of the first bar at or after an instant (seconds); the number of bars when all are before. */
function barAtOrAfter(seconds: readonly number[], time: number): number {
  let low = 0;
  let high = seconds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seconds[middle] ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the bar nearest to an instant (seconds); -1 for no bars. */
export function nearestBar(seconds: readonly number[], time: number): number {
  const after = barAtOrAfter(seconds, time);
  if (after === 0) return seconds.length === 0 ? -1 : 0;
  const toLeft = time - (seconds[after - 1] ?? -Infinity);
  const toRight = (seconds[after] ?? Infinity) - time;
  return toLeft <= toRight ? after - 1 : after;
}

/** Bars inside two calendar days (either may be open), or all bars where none lies inside. */
export function barsBetween(
  seconds: readonly number[],
  from: string | undefined,
  to: string | undefined,
): IndexRange {
  const first = from === undefined ? 0 : barAtOrAfter(seconds, Date.parse(`${from}T00:00:00Z`) / 1000);
  const last = to === undefined ? seconds.length - 1 : barAtOrAfter(seconds, Date.parse(`${to}T23:59:59Z`) / 1000) - 1;
  return last < first ? { first: 0, last: Math.max(0, seconds.length - 1) } : { first, last };
}

/** Calendar date (UTC) of an instant in seconds, `YYYY-MM-DD`. */
export function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** A window moved by `shift` bars and scaled by `zoom`, kept inside the data and at least `min` bars wide. */
export function moveWindow(
  window: IndexRange,
  nBars: number,
  { shift = 0, zoom = 1, min = 10 }: { shift?: number; zoom?: number; min?: number },
): IndexRange {
  const width = window.last - window.first + 1;
  const wanted = Math.min(nBars, Math.max(Math.min(min, nBars), Math.round(width * zoom)));
  // Zooming keeps the right edge: the newest bars are what one looks at.
  let first = (zoom === 1 ? window.first : window.last - wanted + 1) + shift;
  first = Math.min(Math.max(0, first), nBars - wanted);
  return { first, last: first + wanted - 1 };
}
