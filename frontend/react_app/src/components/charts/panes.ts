/** What a stack of linked charts shows: panes of lines over one time axis. Pure data, no chart library. */
import type { ChartTokens } from "@/theme/tokens";

import type { Values } from "./shaping";

/** Names of colours in the theme's chart tokens; a number is a place among its further series. */
export type LineColor = "leg1" | "leg2" | "spread" | "zScore" | "mean" | "band" | "positive" | "negative" | number;

export function colorOf(palette: ChartTokens, color: LineColor): string {
  if (typeof color !== "number") return palette[color];
  return palette.series[color % palette.series.length] ?? palette.leg1;
}

export interface PaneLine {
  readonly id: string;
  /** Stands in the readout beside the line's value. */
  readonly label: string;
  readonly values: Values;
  readonly color: LineColor;
  readonly dashed?: boolean;
  readonly width?: 1 | 2;
  /** The room between the line and zero is tinted: a drawdown. */
  readonly area?: boolean;
  /** Stands at the line's last value, beside the axis. */
  readonly tag?: string;
  /** Own scale at the left: two prices of different size. */
  readonly scale?: "left" | "right";
  readonly format: (value: number | null | undefined) => string;
  /** False for helpers like bands, which the readout passes over. */
  readonly read?: boolean;
}

/** A horizontal line at a fixed value. */
export interface PaneLevel {
  readonly value: number;
  readonly label: string;
}

export interface Pane {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly PaneLine[];
  readonly levels?: readonly PaneLevel[];
  /** Logarithmic scale: equal ratios, equal distances. */
  readonly logarithmic?: boolean;
  /** Share of the height. */
  readonly stretch: number;
  readonly format: (value: number | null | undefined) => string;
}

/** One time axis, the panes above it, and which bars the fit has seen. */
export interface PaneStack {
  readonly timestamps: readonly string[];
  readonly panes: readonly Pane[];
  readonly inSample: readonly boolean[];
}

/** Every readable line of the stack: columns of the table beside the charts. */
export function readableLines(stack: PaneStack): readonly PaneLine[] {
  return stack.panes.flatMap((pane) => pane.lines.filter((line) => line.read !== false));
}
