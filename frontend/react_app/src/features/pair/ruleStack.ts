/** A rule's trades and account over the panes of the pair. */
import { nearestBar, toSeconds, type ChartMarker, type Pane, type PaneStack, type Values } from "@/components/charts";
import type { QuickResult, QuickTrade } from "@/lib/api";
import { formatSigned } from "@/lib/format";

import type { Charted } from "./pairStack";
import type { RuleValues } from "./ruleSettings";

/** Mean and deviation of the last `window` values at each bar; null where one of them is missing. */
export function rolling(values: Values, window: number): { mean: (number | null)[]; std: (number | null)[] } {
  const mean: (number | null)[] = [];
  const std: (number | null)[] = [];
  for (let bar = 0; bar < values.length; bar += 1) {
    const last = bar + 1 < window ? [] : values.slice(bar + 1 - window, bar + 1);
    const whole = last.length === window && last.every((value) => value !== null);
    if (!whole || window < 2) {
      mean.push(null);
      std.push(null);
      continue;
    }
    const numbers = last;
    const middle = numbers.reduce((sum, value) => sum + value, 0) / window;
    const squares = numbers.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    mean.push(middle);
    std.push(Math.sqrt(squares / (window - 1)));
  }
  return { mean, std };
}

/** How far the spread is from its mean, in deviations. */
export function zScores(spread: Values, { mean, std }: { mean: Values; std: Values }): (number | null)[] {
  return spread.map((value, bar) => {
    const [middle, width] = [mean[bar], std[bar]];
    return value === null || middle === null || middle === undefined || !width ? null : (value - middle) / width;
  });
}

/** The pair with mean, deviation and z-score of another window; its spread stays. */
export function withWindow(charted: Charted, window: number): Charted {
  const { series } = charted;
  const { mean, std } = rolling(series.spread, window);
  return { ...charted, series: { ...series, mean, std, z_score: zScores(series.spread, { mean, std }) } };
}

/** A sampled series on every bar: straight between samples, nothing before the first and after the last. */
export function onEveryBar(seconds: readonly number[], at: readonly string[], values: Values): (number | null)[] {
  const times = toSeconds(at);
  const filled: (number | null)[] = seconds.map(() => null);
  let next = 0;
  seconds.forEach((time, bar) => {
    while (next < times.length && (times[next] ?? Infinity) < time) next += 1;
    const [t0, t1, v0, v1] = [times[next - 1], times[next], values[next - 1], values[next]];
    if (t1 === time) filled[bar] = v1 ?? null;
    else if (t0 !== undefined && t1 !== undefined && typeof v0 === "number" && typeof v1 === "number") {
      filled[bar] = v0 + ((v1 - v0) * (time - t0)) / (t1 - t0);
    }
  });
  return filled;
}

const gain = (value: number | null | undefined) => (typeof value === "number" ? `${formatSigned((value - 1) * 100, 1)} %` : "–");

function equityPane(seconds: readonly number[], { timestamps, equity }: QuickResult): Pane {
  return {
    id: "rule_equity",
    title: "Account of the rule, after costs",
    stretch: 0.85,
    format: gain,
    lines: [{ id: "rule_equity", label: "gain", values: onEveryBar(seconds, timestamps, equity), color: "leg2", width: 2, format: gain }],
    levels: [{ value: 1, label: "" }],
  };
}

function zLevels(values: RuleValues): Pane["levels"] {
  const named = [
    ["entry", values.entry_z],
    ["exit", values.exit_z],
    ["stop", values.stop_z],
  ] as const;
  const lines = named.flatMap(([label, value]) =>
    typeof value !== "number" || value === 0
      ? []
      : [
          { value, label },
          { value: -value, label },
        ],
  );
  return [{ value: 0, label: "" }, ...lines];
}

function zTitle({ window, entry_z: entry, exit_z: exit }: RuleValues): string {
  return `z-score, trailing ${window ?? "–"} bars; entry ±${entry ?? "–"}, exit ±${exit ?? "–"}`;
}

/** The pair's panes with the levels of the sliders, and above them what the rule made of it. */
export function withRule(stack: PaneStack, values: RuleValues, result: QuickResult | undefined): PaneStack {
  const seconds = toSeconds(stack.timestamps);
  const panes = stack.panes.map((pane) => (pane.id === "z" ? { ...pane, title: zTitle(values), levels: zLevels(values) } : pane));
  return { ...stack, panes: result ? [equityPane(seconds, result), ...panes] : panes };
}

export interface PlacedTrade {
  readonly id: string;
  readonly trade: QuickTrade;
  readonly first: number;
  readonly last: number;
}

/** Trades by the bars they begin and end at; one still open lasts to the end. */
export function placeTrades(timestamps: readonly string[], trades: readonly QuickTrade[]): readonly PlacedTrade[] {
  const seconds = toSeconds(timestamps);
  return trades.map((trade, index) => ({
    id: `t${index}`,
    trade,
    first: nearestBar(seconds, Date.parse(trade.entry) / 1000),
    last: trade.exit === null ? seconds.length - 1 : nearestBar(seconds, Date.parse(trade.exit) / 1000),
  }));
}

/** Entries as arrows the way the spread is traded, exits as dots, stops as squares, all on the z-score. */
export function tradeMarkers(placed: readonly PlacedTrade[], chosen: string | null): ChartMarker[] {
  const markers = placed.flatMap(({ id, trade, first, last }): ChartMarker[] => {
    const long = trade.side === "LONG";
    const strong = id === chosen;
    const entry: ChartMarker = {
      id,
      index: first,
      line: "z_score",
      shape: long ? "up" : "down",
      place: long ? "below" : "above",
      color: long ? "positive" : "negative",
      strong,
    };
    if (trade.exit === null) return [entry];
    const stopped = trade.exit_reason.startsWith("stop");
    return [entry, { id, index: last, line: "z_score", shape: stopped ? "square" : "dot", place: "on", color: "mean", strong }];
  });
  return markers.sort((a, b) => a.index - b.index);
}
