/** Last scans beside what chance alone gives. */
import type { Scan } from "@/lib/api";
import { formatCount, formatNumber, MISSING } from "@/lib/format";
import { STATUS_WORDS } from "@/lib/jobWords";
import { isOver } from "@/lib/queries";

type Counts = Pick<Scan, "completed_at" | "n_tests" | "n_nominal" | "expected_by_chance">;

/** Share of the tested pairs with p < 5 %, and the share chance alone gives; null while there is nothing to compare. */
export function shares(scan: Counts): { readonly found: number; readonly chance: number } | null {
  if (scan.completed_at === null || scan.n_tests === 0) return null;
  return { found: scan.n_nominal / scan.n_tests, chance: scan.expected_by_chance / scan.n_tests };
}

/** The right end of the shared scale: a round share that holds every dot. */
export function scaleEnd(scans: readonly Counts[]): number {
  const most = Math.max(0.1, ...scans.map((scan) => shares(scan)?.found ?? 0));
  const steps = [0.1, 0.2, 0.3, 0.5, 1];
  return steps.find((step) => step >= most) ?? 1;
}

/** A count that may be a mean: "0", "0.2", "9.5", "60". */
export function aboutCount(value: number | null): string {
  if (value === null) return MISSING;
  return value < 10 ? formatNumber(value, 1).replace(/\.0$/, "") : formatCount(value);
}

/** What stands in place of results: "Running 40 %", "Failed"; null where there are results. */
export function stateWords(scan: Pick<Scan, "completed_at" | "job">): string | null {
  if (scan.completed_at !== null) return null;
  if (scan.job === null) return "No result";
  if (isOver(scan.job) || scan.job.status === "PENDING") return STATUS_WORDS[scan.job.status];
  return `${STATUS_WORDS[scan.job.status]} ${Math.round(scan.job.progress * 100)} %`;
}
