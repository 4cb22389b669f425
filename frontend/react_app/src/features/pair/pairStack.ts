/** An analysis as the panes of its charts. */
import { band, firstCommonBar, rebase, type Pane, type PaneStack } from "@/components/charts";
import type { PairAnalysis } from "@/lib/api";
import { formatBarDate, formatNumber, formatSigned } from "@/lib/format";

import type { PriceScale } from "./search";

/** What is drawn: who the legs are, and their series. */
export interface Charted {
  readonly symbol_1: Pick<PairAnalysis["symbol_1"], "ticker">;
  readonly symbol_2: Pick<PairAnalysis["symbol_2"], "ticker">;
  readonly series: PairAnalysis["series"];
}

const price = (value: number | null | undefined) => formatNumber(value, 2);
const index = (value: number | null | undefined) => formatNumber(value, 1);
const logs = (value: number | null | undefined) => formatSigned(value, 3);
const sigmas = (value: number | null | undefined) => formatSigned(value, 2);

function pricePane({ symbol_1, symbol_2, series }: Charted, scale: PriceScale): Pane {
  const shared = { id: "prices", stretch: 1.25, logarithmic: true };
  const legs = [series.price_1, series.price_2] as const;
  if (scale === "prices") {
    return {
      ...shared,
      title: `Total return, log scales: ${symbol_1.ticker} left, ${symbol_2.ticker} right`,
      format: price,
      lines: [
        { id: "price_1", label: symbol_1.ticker, values: legs[0], color: "leg1", scale: "left", format: price },
        { id: "price_2", label: symbol_2.ticker, values: legs[1], color: "leg2", format: price },
      ],
    };
  }
  const base = firstCommonBar(legs, Math.max(0, series.in_sample.indexOf(true)));
  return {
    ...shared,
    title: `Total return, ${formatBarDate(series.timestamps[base])} = 100, log scale`,
    format: index,
    lines: [
      { id: "index_1", label: symbol_1.ticker, values: rebase(legs[0], base), color: "leg1", format: index },
      { id: "index_2", label: symbol_2.ticker, values: rebase(legs[1], base), color: "leg2", format: index },
    ],
  };
}

function spreadPane({ series }: Charted, k: number, window: number): Pane {
  const { mean, std } = series;
  return {
    id: "spread",
    title: `Spread, log; mean and ±${k}σ of the last ${window} bars`,
    stretch: 1,
    format: logs,
    lines: [
      { id: "spread", label: "spread", values: series.spread, color: "spread", format: logs },
      { id: "mean", label: "mean", values: mean, color: "mean", dashed: true, format: logs },
      { id: "upper", label: `+${k}σ`, values: band(mean, std, k), color: "band", format: logs, read: false },
      { id: "lower", label: `−${k}σ`, values: band(mean, std, -k), color: "band", format: logs, read: false },
    ],
  };
}

/** Where a position opened at ±k is left; nothing where that is the mean itself, or not said. */
function exitLevels(exit: number | undefined): { value: number; label: string }[] {
  if (exit === undefined || exit === 0) return [];
  return [
    { value: exit, label: "exit" },
    { value: -exit, label: "exit" },
  ];
}

function zPane({ series }: Charted, k: number, exit: number | undefined, window: number): Pane {
  return {
    id: "z",
    title: `z-score, trailing ${window} bars; entry ±${k}${exit === undefined ? "" : `, exit ±${exit}`}`,
    stretch: 0.85,
    format: sigmas,
    lines: [{ id: "z_score", label: "z", values: series.z_score, color: "zScore", format: sigmas }],
    levels: [
      { value: 0, label: "" },
      { value: k, label: `entry +${k}` },
      { value: -k, label: `entry −${k}` },
      ...exitLevels(exit),
    ],
  };
}

interface View {
  scale: PriceScale;
  /** Entry level of the z-score and width of the bands. */
  k: number;
  /** Level at which a position is left. */
  exit?: number;
  window: number;
}

/** Prices of both legs, the spread with its bands, and the z-score with its entry and exit lines. */
export function pairStack(analysis: Charted, view: View): PaneStack {
  return {
    timestamps: analysis.series.timestamps,
    inSample: analysis.series.in_sample,
    panes: [
      pricePane(analysis, view.scale),
      spreadPane(analysis, view.k, view.window),
      zPane(analysis, view.k, view.exit, view.window),
    ],
  };
}

/** What the shading means, in words. */
export function sampleWords(inSample: readonly boolean[], start: string, end: string): string {
  const seen = inSample.filter(Boolean).length;
  if (seen === inSample.length) return `All bars are in sample: the coefficients were fitted on ${start} – ${end}.`;
  const after = inSample.length - seen;
  return `Shaded: formation window ${start} – ${end}. The other ${after.toLocaleString("en-US")} bars are out of sample.`;
}
