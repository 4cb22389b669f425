/** The numbers kept with a pair: those of its fit, and where its spread stands. */
import type { Pair, Spread } from "@/lib/api";
import { formatCount, formatHalfLife, formatNumber, formatPValue, formatSigned } from "@/lib/format";

import type { Statistic } from "./statistics";

type Numbers = Omit<Pair, "scan">;

function fitStatistics(pair: Numbers, sample: string): Statistic[] {
  const [y, x] = [pair.symbol_1.ticker, pair.symbol_2.ticker];
  return [
    {
      id: "statistic",
      label: "Engle–Granger t",
      value: formatNumber(pair.statistic, 2),
      definition: `How firmly the residual of ${y} on ${x} returns to its mean. More negative is stronger.`,
      formula: "t of φ in Δuₜ = φ·uₜ₋₁ + Σ γᵢ·Δuₜ₋ᵢ + eₜ, where u is the residual",
      sample,
    },
    {
      id: "pvalue",
      label: `p, ${y} on ${x}`,
      value: formatPValue(pair.cointegration_pvalue),
      definition: "How often two unrelated random walks would give a statistic this low, in this direction.",
      formula: "MacKinnon's response surface at the statistic",
      sample,
    },
    ...(pair.qvalue === null
      ? []
      : [
          {
            id: "qvalue",
            label: "q",
            value: formatPValue(pair.qvalue),
            note: "every pair of its scan counted",
            definition: "p after counting every pair tested: the share of false ones to expect if this and all better ones are believed.",
            formula: "false discovery rate over the scan's pairs",
            sample,
          },
        ]),
  ];
}

/** In reading order; each says what it is and on how many bars. */
export function pairStatistics(pair: Numbers, spread: Pick<Spread, "z_score" | "window">): Statistic[] {
  const [y, x] = [pair.symbol_1.ticker, pair.symbol_2.ticker];
  const sample = `${formatCount(pair.n_obs)} bars, ${pair.fit_start.slice(0, 10)} – ${pair.fit_end.slice(0, 10)}`;
  return [
    ...fitStatistics(pair, sample),
    {
      id: "hedge_ratio",
      label: "Hedge ratio",
      value: formatNumber(pair.hedge_ratio, 3),
      note: `1 $ of ${y} against ${formatNumber(pair.hedge_ratio, 2)} $ of ${x}`,
      definition: `Dollars of ${x} against one dollar of ${y}.`,
      formula: `β of ln ${y} = α + β·ln ${x} + u, least squares`,
      sample,
    },
    {
      id: "half_life",
      label: "Half-life",
      value: formatHalfLife(pair.half_life),
      note: pair.half_life === null ? "does not return" : "bars",
      definition: "Bars until half of a deviation is gone, on average.",
      formula: "−ln 2 / ln φ, φ the AR(1) slope of the spread",
      sample,
    },
    {
      id: "correlation",
      label: "Correlation",
      value: formatNumber(pair.correlation, 2),
      definition: "How alike the legs move from day to day. High correlation is neither needed nor enough for cointegration.",
      formula: "Pearson's r of daily log returns",
      sample,
    },
    {
      id: "z_score",
      label: "z-score, last bar",
      value: formatSigned(spread.z_score.at(-1) ?? null, 2),
      definition: "How many of its own recent standard deviations the spread stands from its recent mean. Uses no later bar.",
      formula: "(spread − mean) / σ, both over the trailing window",
      sample: `last ${formatCount(spread.window)} bars`,
    },
  ];
}

/** How much weight the numbers bear: one look, or one of a scan's many with all of them counted. */
export function lookWords({ qvalue }: Pick<Pair, "qvalue">): string {
  if (qvalue === null) {
    return "One look at this pair, not corrected for any other: of unrelated pairs, about 5 in 100 pass a 5 % test.";
  }
  const text = formatPValue(qvalue);
  const q = /^[<>]/.test(text) ? `q ${text}` : `q = ${text}`;
  return `Found by a scan; with every pair it tested counted, ${q}: the share of false ones to expect among pairs as good as this.`;
}
