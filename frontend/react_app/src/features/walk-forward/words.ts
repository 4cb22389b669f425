/** A walk-forward in words. */
import type { Estimate, Job, WalkForward } from "@/lib/api";
import { RULE_WORDS } from "@/lib/backtests";
import { formatCount, formatNumber, formatPercent, formatSigned, formatSure, plural } from "@/lib/format";
import { STATUS_WORDS } from "@/lib/jobWords";
import { isOver } from "@/lib/queries";

export { parameterWords, settingValue, settingWords } from "@/lib/settingWords";

/** What is walked through: the universe, a scan's symbols, or pairs. */
export function walkedWords({ universe, scan, pairs }: Pick<WalkForward, "universe" | "scan" | "pairs">): string {
  if (universe) return universe.name;
  if (scan !== null) return `Symbols of scan ${scan}`;
  const [first] = pairs;
  if (!first) return "no pair";
  return pairs.length === 1 ? first.join(" / ") : `${first.join(" / ")} and ${pairs.length - 1} more`;
}

export const walkName = (run: Pick<WalkForward, "name" | "universe" | "scan" | "pairs">): string => run.name || walkedWords(run);

/** "504 bars train, 126 bars test, rolling". */
export const scheduleWords = ({ train_bars, test_bars, scheme }: Pick<WalkForward, "train_bars" | "test_bars" | "scheme">): string =>
  `${formatCount(train_bars)} bars train${scheme === "anchored" ? " and grow" : ""}, ${formatCount(test_bars)} test`;

/** Everything asked for, as short phrases. */
export function askedWords(run: WalkForward): string[] {
  const combinations = Object.values(run.grid).reduce((product, values) => product * Math.max(1, values.length), 1);
  return [
    walkedWords(run),
    `${run.start_date} – ${run.end_date}`,
    scheduleWords(run),
    `purge ${run.purge}, embargo ${run.embargo}`,
    run.pairs.length > 0 ? "these pairs in every window" : `best ${run.top} pairs a window${run.selection === "discoveries" ? ", discoveries only" : ""}`,
    RULE_WORDS[run.rule] ?? run.rule,
    `${plural(combinations, "combination")} a pair and window`,
  ];
}

/** "Running, window 3 of 8", "Failed", and nothing once there is a result. */
export function stateWords({ completed_at, job, n_done, n_windows }: Pick<WalkForward, "completed_at" | "job" | "n_done" | "n_windows">): string {
  if (completed_at !== null) return "";
  if (job === null) return "no result";
  return job.status === "RUNNING" ? `Running, ${n_done} of ${n_windows}` : STATUS_WORDS[job.status];
}

export const isUnderWay = ({ completed_at, job }: Pick<WalkForward, "completed_at" | "job">): boolean =>
  completed_at === null && job !== null && !isOver(job);

/** "+0.42 ± 0.31", the ratio with its error. */
export function ratioWords({ value, standard_error: error }: Estimate): string {
  return error === null ? formatSigned(value) : `${formatSigned(value)} ± ${formatNumber(error)}`;
}

/** The sentence at the top: what the past promised, and what was kept of it. */
export function verdictWords({ metrics, in_sample_sharpe: promised, n_windows }: WalkForward): string {
  const kept = metrics?.sharpe;
  const value = kept?.value ?? null;
  if (!kept || value === null) return "Too little was traded for a Sharpe ratio.";
  const out = `Out of sample, ${plural(n_windows, "window")} one after the other: Sharpe ratio ${ratioWords(kept)}.`;
  if (promised === null) return out;
  const before = ` In training the same choices showed ${formatSigned(promised)}`;
  if (promised <= 0) return `${out}${before}.`;
  if (value <= 0) return `${out}${before}: nothing of it was kept.`;
  return `${out}${before}: ${formatPercent(value / promised)} of it was kept.`;
}

/** What stands beneath it: whether that is more than luck. */
export function luckWords({ metrics }: Pick<WalkForward, "metrics">): string {
  const sure = metrics?.deflated_sharpe;
  if (sure === null || sure === undefined) return "";
  const words = `Against the luck of all combinations tried: ${formatSure(sure)} sure`;
  return sure >= 0.95 ? `${words}.` : `${words}; 95 % would be convincing.`;
}

export const ENDINGS: Partial<Record<Job["status"], string>> = {
  FAILED: "The walk-forward failed",
  ERRORED: "The walk-forward broke off through a fault of ours",
  CANCELLED: "The walk-forward was cancelled",
};
