/** Where things stand on a surface's drawing. */
import type { Range, Surface } from "@/lib/api";

export const WIDTH = 640;
export const HEIGHT = 400;
export const MARGIN = { left: 64, right: 20, top: 20, bottom: 44 };

/** What lies under the pointer. */
export interface Place {
  readonly x: number | null;
  readonly y: number | null;
  readonly value: number | null;
  readonly number: number | null;
}

const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

/** The box of a cell; the first row stands lowest. */
export function boxOf(surface: Pick<Surface, "x_values" | "values">, column: number, row: number): { x: number; y: number; width: number; height: number } {
  const [width, height] = [inner.width / surface.x_values.length, inner.height / surface.values.length];
  return { x: MARGIN.left + column * width, y: MARGIN.top + (surface.values.length - 1 - row) * height, width, height };
}

/** The cell under a place of the drawing. */
export function cellAt({ x_values: xs, y_values: ys, values, numbers }: Pick<Surface, "x_values" | "y_values" | "values" | "numbers">, x: number, y: number): Place | null {
  const column = Math.floor(((x - MARGIN.left) / inner.width) * xs.length);
  const row = values.length - 1 - Math.floor(((y - MARGIN.top) / inner.height) * values.length);
  const value = values[row]?.[column];
  return value === undefined ? null : { x: xs[column] ?? null, y: ys[row] ?? null, value, number: numbers[row]?.[column] ?? null };
}

/** Where a combination stands on a matrix. */
export function placeOf({ numbers }: Pick<Surface, "numbers">, number: number | undefined): { column: number; row: number } | null {
  if (number === undefined) return null;
  const row = numbers.findIndex((each) => each.includes(number));
  return row < 0 ? null : { row, column: numbers[row]?.indexOf(number) ?? 0 };
}

/** Places of an axis that get words, at most so many. */
export function labelled(n: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(n / most));
  return Array.from({ length: Math.ceil(n / every) }, (_, at) => at * every);
}

/** Boxes as one path, so that a hundred thousand cells are a few elements. */
export const pathOf = (boxes: readonly { x: number; y: number; width: number; height: number }[]): string =>
  boxes.map(({ x, y, width, height }) => `M${x.toFixed(2)} ${y.toFixed(2)}h${width.toFixed(2)}v${height.toFixed(2)}h${(-width).toFixed(2)}z`).join("");

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** The axis of a searched setting: its range. */
export const axisOf = (range: Range | undefined): Axis => ({ low: range?.from ?? 0, high: range?.to ?? 1, log: range?.log ?? false });

/** The axis of values. */
export function valueAxis(values: readonly (number | null)[]): Axis {
  const found = values.filter((value) => value !== null);
  const [low, high] = found.reduce<[number, number]>(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [0, 0]);
  return { low, high: high > low ? high : low + 1, log: false };
}

const along = ({ low, high, log }: Axis, value: number) =>
  log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

export const atX = (axis: Axis, value: number): number => MARGIN.left + along(axis, value) * inner.width;
export const atY = (axis: Axis, value: number): number => MARGIN.top + (1 - along(axis, value)) * inner.height;

/** Round places of an axis to write at. */
export function ticksOf({ low, high, log }: Axis, most = 6): number[] {
  if (log) {
    const n = most - 1;
    return Array.from({ length: n + 1 }, (_, at) => Number((low * (high / low) ** (at / n)).toPrecision(2)));
  }
  const rough = (high - low) / most;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * size >= rough) ?? 10) * size;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(10)));
}

export interface Dot extends Place {
  readonly cx: number;
  readonly cy: number;
}

export interface Cloud {
  readonly x: Axis;
  readonly y: Axis;
  readonly dots: readonly Dot[];
}

/** A search's points where they lie; with one setting, against their values. */
export function cloudOf({ x: across, y: up, points }: Pick<Surface, "x" | "y" | "points">, ranges: Readonly<Record<string, Range>>): Cloud | null {
  if (points === null) return null;
  const x = axisOf(ranges[across]);
  const y = up === null ? valueAxis(points.value) : axisOf(ranges[up]);
  const dots = points.x.flatMap((place, at) => {
    const value = points.value[at] ?? null;
    const height = up === null ? value : (points.y[at] ?? null);
    if (height === null) return [];
    return [{ x: place, y: up === null ? null : height, value, number: points.number[at] ?? 0, cx: atX(x, place), cy: atY(y, height) }];
  });
  return { x, y, dots };
}

/** How far from a point it is still meant. */
const REACH = 12;

/** The nearest point. */
export function dotAt({ dots }: Cloud, x: number, y: number): Dot | null {
  let best: Dot | null = null;
  let least = REACH ** 2;
  for (const dot of dots) {
    const away = (dot.cx - x) ** 2 + (dot.cy - y) ** 2;
    if (away <= least) [best, least] = [dot, away];
  }
  return best;
}
