/** Bands of possible paths as shapes of a drawing. */
import type { Stress } from "@/lib/api";

export interface Fan {
  /** Closed paths between mirrored levels, widest first. */
  readonly areas: readonly { readonly id: string; readonly path: string }[];
  readonly median: string;
  /** Height of the starting value. */
  readonly base: number;
  /** What stands at the right end: gain at a level, and where. */
  readonly ends: readonly { readonly level: number; readonly gain: number; readonly y: number }[];
}

/** Lays the bands in a box; gains are measured from the first value. Null where there is nothing to draw. */
export function fanOf({ at, bands, levels }: Pick<Stress, "at" | "bands" | "levels">, width: number, height: number): Fan | null {
  const start = bands[Math.floor(bands.length / 2)]?.[0];
  const values = bands.flat().filter(Number.isFinite);
  const [first, last] = [at[0], at.at(-1)];
  if (start === undefined || start === 0 || first === undefined || last === undefined || last === first) return null;
  const [low, high] = [Math.min(start, ...values), Math.max(start, ...values)];
  if (high === low) return null;
  const x = (bar: number) => ((bar - first) / (last - first)) * width;
  const y = (value: number) => height - ((value - low) / (high - low)) * height;
  const points = (band: readonly number[]) => band.map((value, place) => `${x(at[place] ?? last).toFixed(1)} ${y(value).toFixed(1)}`);
  const areas: Fan["areas"][number][] = [];
  for (let outer = 0; outer < Math.floor(bands.length / 2); outer += 1) {
    const [lower, upper] = [bands[outer], bands[bands.length - 1 - outer]];
    if (!lower || !upper) continue;
    areas.push({ id: String(levels[outer]), path: `M${points(upper).join("L")}L${points(lower).reverse().join("L")}Z` });
  }
  const middle = bands[Math.floor(bands.length / 2)] ?? [];
  return {
    areas,
    median: `M${points(middle).join("L")}`,
    base: y(start),
    ends: levels.map((level, place) => {
      const value = bands[place]?.at(-1) ?? start;
      return { level, gain: value / start - 1, y: y(value) };
    }),
  };
}

/** Heights of labels pushed apart so that none covers another; the order stays. */
export function apart(heights: readonly number[], least: number): number[] {
  const order = heights.map((y, place) => ({ y, place })).sort((a, b) => a.y - b.y);
  const placed: number[] = heights.map((y) => y);
  let before = -Infinity;
  for (const { y, place } of order) {
    before = Math.max(y, before + least);
    placed[place] = before;
  }
  return placed;
}
