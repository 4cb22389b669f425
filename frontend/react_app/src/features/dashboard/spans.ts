/** Universes' histories as bars on one axis of years. */
import type { Universe } from "@/lib/api";

const time = (timestamp: string) => new Date(timestamp).getTime();

export interface Axis {
  readonly start: number;
  readonly end: number;
}

/** From the first bar of all to now; null where there is no bar. */
export function axisOf(universes: readonly Pick<Universe, "coverage">[], now: number): Axis | null {
  const firsts = universes.flatMap(({ coverage }) => (coverage.first ? [time(coverage.first)] : []));
  return firsts.length === 0 ? null : { start: Math.min(...firsts), end: now };
}

/** Where a history begins and ends, as shares of the axis; null without bars. */
export function spanOf({ coverage }: Pick<Universe, "coverage">, { start, end }: Axis) {
  if (!coverage.first || !coverage.last || end <= start) return null;
  const share = (timestamp: string) => Math.min(1, Math.max(0, (time(timestamp) - start) / (end - start)));
  return { from: share(coverage.first), to: share(coverage.last) };
}

/** Real prices first: what is made serves as a check. */
export function realFirst(universes: readonly Universe[]): Universe[] {
  return universes.toSorted((a, b) => Number(a.source === "synthetic") - Number(b.source === "synthetic"));
}
