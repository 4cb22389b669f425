/** How much of a result is luck, in plain words. */
import type { Results } from "@/lib/api";
import { formatCount, formatNumber, formatPercent, formatSigned, formatSure, plural } from "@/lib/format";

export type Judged = Pick<Results, "deflated" | "overfitting" | "monte_carlo">;

/** How far a claim may be believed; never told by colour alone. */
export type Standing = "good" | "poor" | "unknown";

export interface Finding {
  readonly id: string;
  /** What a careful colleague would ask. */
  readonly question: string;
  /** The answer, in a few words. */
  readonly answer: string;
  readonly standing: Standing;
  /** Why, in a sentence or two. */
  readonly why: string;
  /** What the figure is. */
  readonly formula: string;
}

/** Bars of a year, to show one-bar ratios as everyone knows them. */
export const BARS_A_YEAR = 252;

const SURE = 0.95;

/** A Sharpe ratio of one bar as one of a year. */
export const annual = (ratio: number, barsAYear: number): number => ratio * Math.sqrt(barsAYear);

/** What the best of all trials shows by luck, beside what this run shows; a year. */
export function luck({ deflated }: Judged, barsAYear: number): { shown: number; byLuck: number } | null {
  const { sharpe, sr0 } = deflated ?? {};
  if (sharpe === null || sharpe === undefined || sr0 === null || sr0 === undefined) return null;
  return { shown: annual(sharpe, barsAYear), byLuck: annual(sr0, barsAYear) };
}

/** What the server says of a figure, or else these words. */
const said = (words: string | undefined, otherwise: string): string => (words === undefined || words === "" ? otherwise : words);

function trialsWords(nTrials: number, effective: number | null): string {
  if (nTrials === 1) return "This is the only configuration tried here.";
  const like = effective === null ? "" : `, as many as ${formatNumber(effective, effective < 10 ? 1 : 0)} that have nothing in common`;
  return `${formatCount(nTrials)} configurations were tried${like}.`;
}

function deflatedFinding(judged: Judged, barsAYear: number): Finding {
  const { deflated } = judged;
  const both = luck(judged, barsAYear);
  const probability = deflated?.probability ?? null;
  const compared = both
    ? ` The best of them would show a Sharpe ratio of ${formatSigned(both.byLuck)} by luck alone; this run shows ${formatSigned(both.shown)}.`
    : "";
  return {
    id: "deflated",
    question: "Is it more than the luckiest of many tries?",
    answer:
      probability === null
        ? "Not known"
        : `${formatSure(probability)} sure${probability >= SURE ? "" : probability < 0.5 ? ": no" : ": not enough"}`,
    standing: probability === null ? "unknown" : probability >= SURE ? "good" : "poor",
    why: deflated ? `${trialsWords(deflated.n_trials, deflated.effective_n)}${compared}` : "It needs a finished run.",
    formula: "Deflated Sharpe ratio: the probability that the true ratio beats the best that luck gives in so many tries, for returns as skewed and heavy-tailed as these. 95 % is convincing.",
  };
}

/** Answers stand beside the question: what else the server says of the figure is the reason. */
function pboFinding({ overfitting }: Judged): Finding {
  const pbo = overfitting?.pbo ?? null;
  return {
    id: "pbo",
    question: "Does the best of the past stay good?",
    answer: pbo === null ? "Not measured" : pbo >= 0.5 ? `No: it fails in ${formatPercent(pbo, 0)}` : `It fails in ${formatPercent(pbo, 0)}`,
    standing: pbo === null ? "unknown" : pbo <= 0.2 ? "good" : "poor",
    why: said(overfitting?.pbo_words, pbo === null ? "Only a choice among several configurations can be overfitted this way." : ""),
    formula: "Probability of backtest overfitting: over all halvings of the history, how often the best configuration of one half is below the median in the other. 50 % is a coin.",
  };
}

function trackFinding({ overfitting }: Judged, nBars: number | null, barsAYear: number): Finding {
  const needed = overfitting?.min_track_record ?? null;
  const years = overfitting?.min_track_record_years ?? (needed === null ? null : needed / barsAYear);
  const had = nBars === null ? null : nBars / barsAYear;
  const enough = had !== null && years !== null && had >= years;
  return {
    id: "track",
    question: "Is the record long enough?",
    answer:
      overfitting === null
        ? "Not known"
        : years === null
          ? "No length is enough"
          : `Needs ${formatNumber(years, 1)} years${had === null ? "" : `, has ${formatNumber(had, 1)}`}`,
    standing: overfitting === null ? "unknown" : enough ? "good" : had === null && years !== null ? "unknown" : "poor",
    why: said(overfitting?.min_track_record_words, "It needs a finished run."),
    formula: "Minimum track record: bars until a Sharpe ratio this high is above zero at 5 %, were it the only one tried.",
  };
}

function chanceFinding({ monte_carlo }: Judged): Finding {
  const stress = monte_carlo?.resampled ?? null;
  const worst = stress ? quantile(stress, stress.quantiles.total_return, 0.05) : null;
  const middle = stress ? quantile(stress, stress.quantiles.total_return, 0.5) : null;
  return {
    id: "paths",
    question: "What else could have come of it?",
    answer: worst === null ? "Not known" : `1 in 20: ${formatSigned(worst * 100, 1)} % or less`,
    standing: worst === null ? "unknown" : worst > 0 ? "good" : "poor",
    why: stress
      ? `${plural(stress.n_paths, "path")} drawn again from the run's own bars${
          middle === null ? "" : `; half of them end above ${formatSigned(middle * 100, 1)} %`
        }. ${formatPercent(stress.drawdown_share, 0)} of them fall as deep as this run did or deeper${
          stress.ruin_share > 0 ? `, ${formatPercent(stress.ruin_share, 1)} are ruined` : ""
        }.`
      : "Too few bars to draw paths from.",
    formula: "Stationary bootstrap: blocks of the run's returns put together anew, so that what follows one another stays together.",
  };
}

interface Quantiled {
  readonly levels: readonly number[];
}

/** The value at a level, if it was asked for. */
export function quantile({ levels }: Quantiled, values: readonly (number | null)[], level: number): number | null {
  const place = levels.findIndex((each) => Math.abs(each - level) < 1e-9);
  return values[place] ?? null;
}

/** The four questions, each answered. */
export function findings(judged: Judged, nBars: number | null = null, barsAYear = BARS_A_YEAR): readonly Finding[] {
  return [
    deflatedFinding(judged, barsAYear),
    pboFinding(judged),
    trackFinding(judged, nBars, barsAYear),
    chanceFinding(judged),
  ];
}

/** The one sentence above all of it. */
export function verdict(all: readonly Finding[]): string {
  const known = all.filter(({ standing }) => standing !== "unknown");
  const good = known.filter(({ standing }) => standing === "good").length;
  if (known.length === 0) return "Nothing can be said about luck yet.";
  if (good === known.length) return "Nothing here speaks for luck.";
  if (good === 0) return "All of this could be luck.";
  return `${plural(known.length - good, "question")} of ${known.length} not answered in its favour: it may be luck.`;
}
