/** Each number of the statistics panel: its value, what it is, how it is computed, on how many bars. */
import type { PairAnalysis } from "@/lib/api";
import { formatCount, formatHalfLife, formatNumber, formatPValue, formatSigned } from "@/lib/format";

export interface Statistic {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** A second, quieter line under the value. */
  readonly note?: string;
  readonly definition: string;
  readonly formula: string;
  readonly sample: string;
}

type Numbers = Omit<PairAnalysis, "series"> & { readonly series: Pick<PairAnalysis["series"], "z_score" | "timestamps"> };

function legs({ symbol_1, symbol_2 }: Numbers): readonly [string, string] {
  return [symbol_1.ticker, symbol_2.ticker];
}

function lastValue(values: readonly (number | null)[]): number | null {
  return values.at(-1) ?? null;
}

const LEVELS = ["1%", "5%", "10%"] as const;

/** "1 % −3.90, 5 % −3.34, 10 % −3.05", each level on one line with its value. */
function criticalWords(critical: Numbers["critical_values"]): string {
  const phrases = LEVELS.map((level) => `${level.replace("%", " %")} ${formatNumber(critical[level], 2)}`);
  return phrases.map((phrase) => phrase.replaceAll(" ", "\u00a0")).join(", ");
}

function testStatistics(analysis: Numbers): Statistic[] {
  const { critical_values: critical, n_obs, lag } = analysis;
  const [y, x] = legs(analysis);
  const sample = `${formatCount(n_obs)} bars, ${formatCount(lag)} lagged differences`;
  return [
    {
      id: "statistic",
      label: "Engle–Granger t",
      value: formatNumber(analysis.statistic, 2),
      note: `critical: ${criticalWords(critical)}`,
      definition: `How firmly the residual of ${y} on ${x} returns to its mean. More negative is stronger; below the critical value, chance alone rarely gets there.`,
      formula: "t of φ in Δuₜ = φ·uₜ₋₁ + Σ γᵢ·Δuₜ₋ᵢ + eₜ, where u is the residual",
      sample,
    },
    {
      id: "pvalue",
      label: `p, ${y} on ${x}`,
      value: formatPValue(analysis.pvalue),
      definition: "How often two unrelated random walks would give a statistic this low, in this direction.",
      formula: "MacKinnon's response surface at the statistic",
      sample,
    },
    {
      id: "hypothesis_pvalue",
      label: "p of the pair",
      value: formatPValue(analysis.hypothesis_pvalue),
      note: "both directions counted",
      definition: "p of the unordered pair. Two directions were tried, so the smaller p is doubled.",
      formula: "min(1, 2·min(p₁, p₂))",
      sample,
    },
  ];
}

function relationStatistics(analysis: Numbers): Statistic[] {
  const [y, x] = legs(analysis);
  const bars = `${formatCount(analysis.n_obs)} bars`;
  return [
    {
      id: "hedge_ratio",
      label: "Hedge ratio",
      value: formatNumber(analysis.hedge_ratio, 3),
      note: `1 $ of ${y} against ${formatNumber(analysis.hedge_ratio, 2)} $ of ${x}`,
      definition: `Dollars of ${x} against one dollar of ${y}; the log price of ${y} moves by this much when that of ${x} moves by one.`,
      formula: `β of ln ${y} = α + β·ln ${x} + u, least squares`,
      sample: bars,
    },
    {
      id: "intercept",
      label: "Intercept",
      value: formatSigned(analysis.intercept, 3),
      definition: "Level of the first leg's log price where the second's is zero; it centres the spread.",
      formula: `α of ln ${y} = α + β·ln ${x} + u`,
      sample: bars,
    },
    {
      id: "half_life",
      label: "Half-life",
      value: formatHalfLife(analysis.half_life),
      note: analysis.half_life === null ? "does not return" : "bars",
      definition: "Bars until half of a deviation is gone, on average.",
      formula: "−ln 2 / ln φ, φ the AR(1) slope of the spread",
      sample: bars,
    },
    {
      id: "correlation",
      label: "Correlation",
      value: formatNumber(analysis.correlation, 2),
      definition: "How alike the legs move from day to day. High correlation is neither needed nor enough for cointegration.",
      formula: "Pearson's r of daily log returns",
      sample: `${formatCount(Math.max(0, analysis.n_obs - 1))} returns`,
    },
  ];
}

/** The panel's numbers, in reading order. */
export function statistics(analysis: Numbers, window: number): Statistic[] {
  return [
    ...testStatistics(analysis),
    ...relationStatistics(analysis),
    {
      id: "z_score",
      label: "z-score, last bar",
      value: formatSigned(lastValue(analysis.series.z_score), 2),
      definition: "How many of its own recent standard deviations the spread stands from its recent mean. Uses no later bar.",
      formula: "(spread − mean) / σ, both over the trailing window",
      sample: `last ${formatCount(window)} bars`,
    },
    {
      id: "n_obs",
      label: "Bars",
      value: formatCount(analysis.n_obs),
      note: `${formatCount(analysis.lag)} lags`,
      definition: "Bars that both legs have in the formation window; every test here uses exactly these.",
      formula: "common bars, in order",
      sample: `${analysis.start_date.slice(0, 10)} – ${analysis.end_date.slice(0, 10)}`,
    },
  ];
}

/** One direction of the test. */
export interface Direction {
  readonly label: string;
  readonly statistic: string;
  readonly pvalue: string;
  readonly hedge_ratio: string;
  /** The direction with the more negative statistic. */
  readonly better: boolean;
}

/** Both directions side by side, as asked for first. */
export function directions(analysis: Numbers): readonly [Direction, Direction] {
  const [y, x] = legs(analysis);
  const { reverse } = analysis;
  const forward = analysis.statistic <= reverse.statistic;
  return [
    {
      label: `${y} on ${x}`,
      statistic: formatNumber(analysis.statistic, 2),
      pvalue: formatPValue(analysis.pvalue),
      hedge_ratio: formatNumber(analysis.hedge_ratio, 3),
      better: forward,
    },
    {
      label: `${x} on ${y}`,
      statistic: formatNumber(reverse.statistic, 2),
      pvalue: formatPValue(reverse.pvalue),
      hedge_ratio: formatNumber(reverse.hedge_ratio, 3),
      better: !forward,
    },
  ];
}
