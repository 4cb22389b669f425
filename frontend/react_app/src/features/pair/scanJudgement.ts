/** What the scan a pair was opened from says of it, once all its tests are counted. */
import type { Candidate, Scan } from "@/lib/api";
import { formatCount, formatPercent, formatPValue, plural } from "@/lib/format";
import { isOver } from "@/lib/queries";

import type { EffectiveWindow } from "./analyseForm";
import type { PairSearch } from "./search";

type Judged = Pick<
  Candidate,
  "symbol_1" | "symbol_2" | "rank" | "qvalue" | "is_discovery" | "hypothesis_pvalue" | "outlier_pvalue" | "outlier_driven"
>;
type Legs = readonly [string, string];
type Asked = Pick<Scan, "id" | "n_tests" | "symbols" | "completed_at" | "start_date" | "end_date"> & {
  readonly parameters: Pick<Scan["parameters"], "alpha" | "fdr" | "trend">;
  readonly job: Pick<NonNullable<Scan["job"]>, "status"> | null;
};

/** The row of a pair, whichever of its legs comes first. */
export function rowOf<Row extends Pick<Candidate, "symbol_1" | "symbol_2">>(rows: readonly Row[], legs: Legs): Row | null {
  const [one, other] = legs;
  const match = ({ symbol_1, symbol_2 }: Row) =>
    (symbol_1 === one && symbol_2 === other) || (symbol_1 === other && symbol_2 === one);
  return rows.find(match) ?? null;
}

/** "q = 0.012", "q > 0.999". */
function equation(name: string, value: number | null): string {
  const text = formatPValue(value);
  return /^[<>]/.test(text) ? `${name} ${text}` : `${name} = ${text}`;
}

function outlierWords(row: Judged): string {
  if (!row.outlier_driven) return "";
  return ` ▲ It hangs on three bars: without them ${equation("pair p", row.outlier_pvalue)} instead of ${formatPValue(row.hypothesis_pvalue)}.`;
}

function untestedWords({ id, symbols }: Asked, legs: Legs): string {
  const outside = legs.filter((leg) => !symbols.includes(leg));
  if (outside.length > 0) {
    return `Scan ${id} did not test this pair: ${outside.join(" and ")} ${outside.length === 1 ? "is" : "are"} not among its symbols.`;
  }
  return `Scan ${id} did not test this pair; what it left out, and why, stands with the scan.`;
}

/** The judgement in a sentence or two. `row` is null where the scan did not test the pair. */
export function judgement(scan: Asked, row: Judged | null, legs: Legs): string {
  const { id, n_tests: tests, parameters } = scan;
  if (scan.completed_at === null) {
    return scan.job !== null && !isOver(scan.job)
      ? `Scan ${id} is still at work: it has not judged this pair yet.`
      : `Scan ${id} ended without a result: it has not judged this pair.`;
  }
  if (row === null) return untestedWords(scan, legs);
  const level = `${formatPercent(parameters.alpha, 1).replace(".0 %", " %")} (${parameters.fdr.toUpperCase()})`;
  const fate = `it ${row.is_discovery ? "survives" : "does not survive"} at ${level}.`;
  const found =
    tests === 1
      ? `Scan ${id} tested this pair alone, ${equation("q", row.qvalue)}: ${fate}`
      : `In scan ${id} this pair ranks ${formatCount(row.rank)} of ${formatCount(tests)}; after correcting for all ${plural(tests, "test")} ${equation("q", row.qvalue)}: ${fate}`;
  return found + outlierWords(row);
}

/**
 * Said where the page looks at other days, or with another trend, than the scan did; null where it does not. `shown`
 * are the days in force where the address names none.
 */
export function otherLook(
  scan: Asked,
  search: Pick<PairSearch, "start_date" | "end_date" | "trend">,
  shown: EffectiveWindow,
): string | null {
  const days = [scan.start_date?.slice(0, 10), scan.end_date?.slice(0, 10)];
  const same =
    days[0] === (search.start_date ?? shown.start_date) && days[1] === (search.end_date ?? shown.end_date);
  if (same && scan.parameters.trend === (search.trend ?? "c")) return null;
  return same
    ? "The figures below are made with another trend than the scan's."
    : `The figures below are of other days than the scan's (${days[0] ?? "first bar"} – ${days[1] ?? "last bar"}).`;
}
