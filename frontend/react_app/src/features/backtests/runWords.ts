/** What was asked for, in words: for headings, lists and the facts beneath a tearsheet. */
import type { Backtest, Costs, CostModel, Deflated, Job, Sizing } from "@/lib/api";
import { RULE_WORDS } from "@/lib/backtests";
import { formatCount, formatNumber, formatPercent, formatPValue } from "@/lib/format";
import { shortPercent } from "@/lib/scanWords";
import { STATUS_WORDS } from "@/lib/jobWords";

export const ruleWords = (rule: string): string => RULE_WORDS[rule] ?? rule;

export const periodWords = ({ start_date, end_date }: Pick<Backtest, "start_date" | "end_date">): string => `${start_date} – ${end_date}`;

export const isFinished = ({ completed_at }: Pick<Backtest, "completed_at">): boolean => completed_at !== null;

/** "Running, 40 %", "Failed", and nothing once there is a result. */
export function stateWords({ completed_at, job }: Pick<Backtest, "completed_at" | "job">): string {
  if (completed_at !== null) return "";
  if (job === null) return "no result";
  return job.status === "RUNNING" ? `Running, ${formatPercent(job.progress)}` : STATUS_WORDS[job.status];
}

/** "entry 2, exit 0.5, window 60": what a glance needs. */
export function keyParameters({ parameters }: Pick<Backtest, "parameters">): string {
  const words = [
    ["entry", parameters.entry_z],
    ["exit", parameters.exit_z],
    ["stop", parameters.stop_z],
    ["window", parameters.window],
  ] as const;
  return words.flatMap(([name, value]) => (typeof value === "number" ? [`${name} ${value}`] : [])).join(", ");
}

const FILLS: Readonly<Record<string, string>> = {
  next_open: "fills at the next open",
  next_close: "fills at the next close",
  mid_range: "fills in the middle of the next bar's range",
};

function commissionWords({ commission }: Costs): string[] {
  const { bps, per_share: share, minimum, per_order: order } = commission ?? {};
  return [
    ...(bps ? [`commission ${bps} bps`] : []),
    ...(share ? [`$${share} a share`] : []),
    ...(minimum ? [`$${minimum} at least`] : []),
    ...(order ? [`$${order} an order`] : []),
  ];
}

/** Costs as phrases: "half-spread 2 bps", "borrow 0.5 % a year". */
export function costWords(costs: Costs): string[] {
  const { fill, half_spread_bps: spread, impact, borrow, financing, legging_bps: legging } = costs;
  const phrases = [
    ...(spread ? [`half-spread ${spread} bps`] : []),
    ...commissionWords(costs),
    ...(impact?.coefficient ? ["square-root impact"] : []),
    ...(impact?.participation ? [`at most ${shortPercent(impact.participation)} of the volume`] : []),
    ...(borrow?.rate_annual ? [`borrow ${shortPercent(borrow.rate_annual)} a year`] : []),
    ...(financing?.debit_rate_annual ? [`debit interest ${shortPercent(financing.debit_rate_annual)}`] : []),
    ...(legging ? [`${legging} bps for a leg that waits`] : []),
  ];
  const named = FILLS[fill ?? "next_close"];
  return [...(phrases.length === 0 ? ["no costs at all"] : phrases), ...(named ? [named] : [])];
}

/** The cost model whose settings a run has, by what it says of itself. */
export function costModelOf(costs: Costs, models: readonly CostModel[]): CostModel | null {
  const said = costWords(costs).join();
  return models.find((model) => costWords(model.costs as Costs).join() === said) ?? null;
}

export function sizingWords({ name, fraction, risk }: Sizing): string {
  if (name === "equal_risk") return `equal risk, ${shortPercent(risk ?? 0.01)} a pair`;
  if (name === undefined || name === "fraction") return fraction === undefined ? "equal shares of equity" : `${shortPercent(fraction)} of equity a pair`;
  return name.replaceAll("_", " ");
}

/** The judgement of luck, short enough for a column: "62 %". */
export const deflatedWords = (probability: number | null | undefined): string => formatPercent(probability, 0);

/** What the server says of the deflated ratio, or how it would be said. */
export function luckWords({ words, n_trials, probability }: Deflated): string {
  if (words !== "") return words;
  return `After ${formatCount(n_trials)} configurations tried, the Sharpe ratio is above what luck gives with probability ${formatPercent(probability, 0)}.`;
}

/** "p = 0.031", ready for a sentence. */
export function pWords(pvalue: number | null): string {
  const said = formatPValue(pvalue);
  return /^[<>]/.test(said) ? `p ${said}` : `p = ${said}`;
}

/** How many of so many comparisons chance alone calls different at 5 %. */
export function chanceWords(nTests: number): string {
  const expected = nTests * 0.05;
  return nTests === 1
    ? "One comparison: p below 0.05 comes by chance once in twenty."
    : `${nTests} comparisons: chance alone gives about ${formatNumber(expected, expected < 1 ? 2 : 1)} with p below 0.05.`;
}

const EXITS: Readonly<Record<string, string>> = {
  exit: "reverted",
  stop_z: "stop at z",
  stop_loss: "stop-loss",
  take_profit: "take-profit",
  time_stop: "time stop",
  recall: "recalled",
  gate: "gate closed",
  delisted: "delisted",
  ruin: "ruin",
  open: "still open",
};

export const exitWords = (reason: string): string => EXITS[reason] ?? reason;

export const ENDINGS: Partial<Record<Job["status"], string>> = {
  FAILED: "The backtest failed",
  ERRORED: "The backtest broke off through a fault of ours",
  CANCELLED: "The backtest was cancelled",
};
