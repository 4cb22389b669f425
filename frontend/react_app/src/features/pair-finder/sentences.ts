/** The plain sentences above a scan's result. */
import type { Scan } from "@/lib/api";
import { formatCount, formatNumber, plural } from "@/lib/format";
import { shortPercent } from "@/lib/scanWords";

type Counts = Pick<Scan, "n_tests" | "n_skipped" | "n_discoveries" | "n_nominal" | "expected_by_chance"> & {
  readonly parameters: Pick<Scan["parameters"], "alpha" | "fdr">;
};

/** "9 of 190 pairs survive at 5 % (BY)." */
export function survivors(scan: Counts): string {
  const { n_tests: tests, n_discoveries: found } = scan;
  const level = `${shortPercent(scan.parameters.alpha)} (${scan.parameters.fdr.toUpperCase()})`;
  if (tests === 0) return "No pair could be tested.";
  if (tests === 1) return `The one pair tested ${found === 1 ? "survives" : "does not survive"} at ${level}.`;
  const subject = found === 0 ? "None" : formatCount(found);
  return `${subject} of ${formatCount(tests)} pairs ${found <= 1 ? "survives" : "survive"} at ${level}.`;
}

/** "Chance alone would give about 9.5 with p < 5 %; 21 were below." Null where nothing was tested. */
export function chance(scan: Counts): string | null {
  if (scan.n_tests === 0) return null;
  const expected = scan.expected_by_chance;
  const about = expected < 10 ? formatNumber(expected, 1).replace(/\.0$/, "") : formatCount(expected);
  const below = { 0: "none was below", 1: "1 was below" }[scan.n_nominal] ?? `${formatCount(scan.n_nominal)} were below`;
  return `Chance alone would give about ${about} with p < 5 %; ${below}.`;
}

/** What the same scan finds where nothing is there; null where its null was not drawn. */
export function ownNull(scan: Pick<Scan, "null_discoveries" | "null_draws">): string | null {
  const { null_discoveries: found, null_draws: draws } = scan;
  if (found === null || draws === null || draws === 0) return null;
  const count = formatNumber(found, found < 10 ? 1 : 0).replace(/\.0$/, "");
  return `On its own null, where nothing is cointegrated, the same scan makes ${count} ${
    count === "1" ? "discovery" : "discoveries"
  } (${draws === 1 ? "one draw" : `mean of ${formatCount(draws)} draws`}).`;
}

/** "Of 12 planted pairs 9 were found and 3 missed; 1 survivor is false." */
export function truth({ n_planted, n_found, n_false }: NonNullable<Scan["truth"]>): string {
  const missed = n_planted - n_found;
  const found = `Of ${plural(n_planted, "planted pair")} ${formatCount(n_found)} ${
    n_found === 1 ? "was" : "were"
  } found and ${formatCount(missed)} missed`;
  if (n_false === 0) return `${found}; no survivor is false.`;
  return `${found}; ${plural(n_false, "survivor is", "survivors are")} false.`;
}

/** "3 pairs could not be tested", or null when all could. */
export function skippedWords(scan: Pick<Scan, "n_skipped">): string | null {
  return scan.n_skipped === 0 ? null : `${plural(scan.n_skipped, "pair")} could not be tested`;
}
