/** Geometry and order of the watched pairs' z-strips: small multiples on one scale. */
import type { WatchedPair } from "@/lib/api";
import { formatBarDate, formatNumber, MISSING } from "@/lib/format";

type Watched = Pick<WatchedPair, "z_score" | "sparkline" | "entry_z" | "exit_z">;

/** A spread ten deviations out must not press all others flat: such strips leave the frame instead. */
const FURTHEST = 5;

/** Half the height of the shared scale, in deviations: every strip and every entry line fits, up to a bound. */
export function sharedReach(pairs: readonly Watched[]): number {
  const reach = pairs.flatMap(({ sparkline, entry_z }) => [
    entry_z * 1.25,
    ...sparkline.map((z) => Math.min(FURTHEST, Math.abs(z ?? 0))),
  ]);
  return Math.max(1, ...reach);
}

/** Distance from the top of a strip, for a z-score on the shared scale. */
export function heightOf(z: number, reach: number, height: number): number {
  const share = (1 - z / reach) / 2;
  return Math.min(1, Math.max(0, share)) * height;
}

/** The line through the z-scores, a gap where there is none; what leaves the scale runs along its edge. */
export function stripPath(values: readonly (number | null)[], reach: number, width: number, height: number): string {
  const step = width / Math.max(1, values.length - 1);
  let pen = "M";
  return values
    .map((z, index) => {
      if (z === null) {
        pen = "M";
        return "";
      }
      const point = `${pen}${(index * step).toFixed(1)} ${heightOf(z, reach, height).toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
}

export type Standing = "entry" | "between" | "exit" | "unknown";

/** Where the z-score stands between the thresholds. */
export function standing({ z_score: z, entry_z, exit_z }: Watched): Standing {
  if (z === null) return "unknown";
  if (Math.abs(z) >= entry_z) return "entry";
  return Math.abs(z) <= exit_z ? "exit" : "between";
}

/** The same in words: "beyond entry", "0.6 to entry", "within exit". */
export function standingWords(pair: Watched): string {
  const z = Math.abs(pair.z_score ?? 0);
  switch (standing(pair)) {
    case "unknown":
      return "no z-score yet";
    case "entry":
      return "beyond entry";
    case "exit":
      return "within exit";
    case "between":
      return `${formatNumber(pair.entry_z - z, 2)} to entry`;
  }
}

/** Nearest to its entry first; what has no z-score comes last. */
export function byNearness<Row extends Watched>(pairs: readonly Row[]): Row[] {
  const nearness = ({ z_score: z, entry_z }: Watched) => (z === null ? -Infinity : Math.abs(z) - entry_z);
  return pairs.toSorted((a, b) => nearness(b) - nearness(a));
}

/** The day all of them end on, said once instead of in every row; null where they differ or nothing is known. */
export function commonDay(pairs: readonly Pick<WatchedPair, "as_of">[]): string | null {
  const days = new Set(pairs.map(({ as_of }) => formatBarDate(as_of)));
  const [day] = days;
  return days.size === 1 && day !== undefined && day !== MISSING ? day : null;
}

/** Whether the hedge ratio was fitted on the newest bar too: the whole strip then profits from knowing it. */
export function isInSample({ as_of, pair }: Pick<WatchedPair, "as_of"> & { pair: Pick<WatchedPair["pair"], "fit_end"> }): boolean {
  return as_of !== null && new Date(as_of) <= new Date(pair.fit_end);
}

/** "entry ±2, exit ±0.5" where all rows share their thresholds, which they do unless rules differ by pair. */
export function thresholdWords(pairs: readonly Watched[]): string | null {
  const [first] = pairs;
  if (!first) return null;
  const same = pairs.every(({ entry_z, exit_z }) => entry_z === first.entry_z && exit_z === first.exit_z);
  return same ? `Dashed: entry ±${first.entry_z}. Shaded: exit ±${first.exit_z}.` : "Dashed: entry. Shaded: exit.";
}
