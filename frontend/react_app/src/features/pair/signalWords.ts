/** Signals in words, and as marks on the charts. */
import { nearestBar, toSeconds, type ChartMarker } from "@/components/charts";
import type { Signal } from "@/lib/api";

type Kind = Signal["signal_type"];

export const SIGNAL_WORDS: Readonly<Record<Kind, string>> = {
  ENTRY_LONG: "buy",
  ENTRY_SHORT: "sell",
  EXIT_LONG: "exit long",
  EXIT_SHORT: "exit short",
  STOP_LONG: "stop long",
  STOP_SHORT: "stop short",
};

export const SIGNAL_SIGNS: Readonly<Record<Kind, string>> = {
  ENTRY_LONG: "▲",
  ENTRY_SHORT: "▼",
  EXIT_LONG: "●",
  EXIT_SHORT: "●",
  STOP_LONG: "■",
  STOP_SHORT: "■",
};

/** Which way a signal points: only entries do. */
export const sideOf = (kind: Kind): "up" | "down" | "none" => (kind === "ENTRY_LONG" ? "up" : kind === "ENTRY_SHORT" ? "down" : "none");

function shapeOf(kind: Kind): Pick<ChartMarker, "shape" | "place" | "color"> {
  if (kind === "ENTRY_LONG") return { shape: "up", place: "below", color: "positive" };
  if (kind === "ENTRY_SHORT") return { shape: "down", place: "above", color: "negative" };
  return { shape: kind.startsWith("STOP") ? "square" : "dot", place: "on", color: "mean" };
}

/** Signals on the z-score; those of bars that the charts do not show are passed over. */
export function signalMarkers(timestamps: readonly string[], signals: readonly Signal[], chosen: string | null): ChartMarker[] {
  const seconds = toSeconds(timestamps);
  const [from, to] = [seconds[0] ?? Infinity, seconds.at(-1) ?? -Infinity];
  return signals
    .filter(({ timestamp }) => Date.parse(timestamp) / 1000 >= from && Date.parse(timestamp) / 1000 <= to)
    .map((signal) => {
      const id = `s${signal.id}`;
      return { id, index: nearestBar(seconds, Date.parse(signal.timestamp) / 1000), line: "z_score", strong: id === chosen, ...shapeOf(signal.signal_type) };
    })
    .sort((a, b) => a.index - b.index);
}
