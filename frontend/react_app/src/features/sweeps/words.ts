/** A sweep or a search in words. */
import type { Estimate, Job, Sweep, SweepSummary } from "@/lib/api";
import { RULE_WORDS } from "@/lib/backtests";
import { formatCount, formatNumber, formatPercent, formatSigned, plural } from "@/lib/format";
import { STATUS_WORDS } from "@/lib/jobWords";
import { isOver } from "@/lib/queries";
import { settingValue, settingWords } from "@/lib/settingWords";

export const pairOf = ({ pairs }: Pick<Sweep, "pairs">): string => (pairs[0] ?? []).join(" / ");

export const sweepName = (sweep: Pick<Sweep, "name" | "pairs" | "rule">): string =>
  sweep.name || `${pairOf(sweep)}, ${RULE_WORDS[sweep.rule] ?? sweep.rule}`;

/** Settings that vary, in the order they were given. */
export const settingsOf = ({ method, grid, ranges }: Pick<Sweep, "method" | "grid" | "ranges">): string[] =>
  Object.keys(method === "search" ? ranges : grid);

/** "entry 1–3 (7 values)", "window 10–60". */
function triedWords({ method, grid, ranges }: Pick<Sweep, "method" | "grid" | "ranges">): string[] {
  if (method === "grid") {
    return Object.entries(grid).map(([name, values]) => {
      const [first, last] = [values[0], values.at(-1)];
      return values.length === 1 ? `${settingWords(name)} ${settingValue(first)}` : `${settingWords(name)} ${settingValue(first)} to ${settingValue(last)} (${plural(values.length, "value")})`;
    });
  }
  return Object.entries(ranges).map(([name, { from, to, step, log }]) => {
    const how = step !== null ? ` in steps of ${settingValue(step)}` : log ? ", by ratio" : "";
    return `${settingWords(name)} ${settingValue(from)} to ${settingValue(to)}${how}`;
  });
}

/** Everything asked for, as short phrases. */
export function askedWords(sweep: Sweep): string[] {
  return [
    pairOf(sweep),
    `${sweep.start_date} – ${sweep.end_date}`,
    RULE_WORDS[sweep.rule] ?? sweep.rule,
    ...triedWords(sweep),
    ...(sweep.method === "search" ? [`${plural(sweep.n_trials ?? 0, "point")} asked for, seed ${sweep.seed ?? 0}`] : []),
  ];
}

/** What was counted: run, left out, asked for again. */
export function countWords({ n_combinations, n_left_out, n_repeated }: Pick<Sweep, "n_combinations" | "n_left_out" | "n_repeated">): string {
  const left = n_left_out > 0 ? `, ${formatCount(n_left_out)} contradicted themselves and were left out` : "";
  const again = n_repeated > 0 ? `, ${formatCount(n_repeated)} asked for again` : "";
  return `${plural(n_combinations, "combination")} run and counted as trials${left}${again}.`;
}

/** "Running, 40 %", "Failed", and nothing once there is a result. */
export function stateWords({ completed_at, job }: Pick<Sweep, "completed_at" | "job">): string {
  if (completed_at !== null) return "";
  if (job === null) return "no result";
  return job.status === "RUNNING" ? `Running, ${formatPercent(job.progress)}` : STATUS_WORDS[job.status];
}

export const isUnderWay = ({ completed_at, job }: Pick<Sweep, "completed_at" | "job">): boolean =>
  completed_at === null && job !== null && !isOver(job);

/** "+0.42 ± 0.31", the ratio with its error. */
export function ratioWords({ value, standard_error: error }: Estimate): string {
  return error === null ? formatSigned(value) : `${formatSigned(value)} ± ${formatNumber(error)}`;
}

/** How much of the best Sharpe ratio the luckiest of as many worthless settings would show; null where that says nothing. */
export function luckShare({ deflated }: Pick<SweepSummary, "deflated">): number | null {
  const { sharpe, sr0 } = deflated;
  if (sharpe === null || sr0 === null || sharpe <= 0) return null;
  return Math.min(1, Math.max(0, sr0 / sharpe));
}

/** The sentence at the top. */
export function verdictWords({ summary, n_combinations, periods_per_year: periods }: Pick<Sweep, "summary" | "n_combinations" | "periods_per_year">): string {
  if (!summary) return "";
  const { best, deflated } = summary;
  const head = `Best of ${formatCount(n_combinations)}: Sharpe ratio ${ratioWords(best.sharpe)}.`;
  const share = luckShare(summary);
  if (share === null || deflated.sr0 === null) return `${head} There is nothing in it to take luck off.`;
  const luck = deflated.sr0 * Math.sqrt(periods);
  const part = share >= 1 ? "no less than this best" : `${formatPercent(share)} of it`;
  return `${head} Of as many worthless settings as were looked at here so far (${formatCount(deflated.n_trials)}), the luckiest would show ${formatSigned(luck)}: ${part}.`;
}

export const ENDINGS: Partial<Record<Job["status"], string>> = {
  FAILED: "The sweep failed",
  ERRORED: "The sweep broke off through a fault of ours",
  CANCELLED: "The sweep was cancelled",
};
