/** Values as a few shades: darker is further from zero (or from the least), and below zero is another colour and hatched. */

/** Shades to either side. */
export const SHADES = 4;

export interface Scale {
  readonly signed: boolean;
  /** Where the shades begin and end: 0 and the largest size, or least and most. */
  readonly low: number;
  readonly high: number;
}

export function scaleOf(values: readonly (number | null | undefined)[], signed: boolean): Scale {
  const found = values.filter((value) => value !== null && value !== undefined);
  const bounds = found.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  if (found.length === 0) return { signed, low: 0, high: 1 };
  if (signed) return { signed, low: 0, high: Math.max(Math.abs(bounds[0]), Math.abs(bounds[1])) || 1 };
  return { signed, low: bounds[0], high: bounds[1] > bounds[0] ? bounds[1] : bounds[0] + 1 };
}

/** −4 to 4 of a signed scale, 1 to 4 of another; null for no value. */
export function shadeOf({ signed, low, high }: Scale, value: number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const size = signed ? Math.abs(value) : value - low;
  const step = Math.min(SHADES, Math.max(1, Math.ceil((size / (high - low)) * SHADES)));
  return signed && value < 0 ? -step : step;
}

/** The shades from least to most, each with the values it ends at. */
export function legendOf({ signed, low, high }: Scale): { shade: number; from: number; to: number }[] {
  const width = (high - low) / SHADES;
  const up = Array.from({ length: SHADES }, (_, at) => ({ shade: at + 1, from: low + at * width, to: low + (at + 1) * width }));
  if (!signed) return up;
  return [...[...up].reverse().map(({ shade, from, to }) => ({ shade: -shade, from: -to, to: -from })), ...up];
}
