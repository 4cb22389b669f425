import { useCallback, type KeyboardEvent } from "react";

import { moveWindow, type IndexRange } from "./shaping";

export type ChartMove =
  | { readonly kind: "bar"; readonly index: number | null }
  | { readonly kind: "window"; readonly window: IndexRange }
  | null;

interface ChartState {
  readonly nBars: number;
  readonly bar: number | null;
  readonly window: IndexRange;
}

/** A tenth of the window, at least one bar. */
function step({ window }: ChartState): number {
  return Math.max(1, Math.round((window.last - window.first + 1) / 10));
}

/** What a key does: arrows walk the crosshair, Page keys pan, plus and minus zoom, 0 shows all. */
export function chartMove(key: string, shift: boolean, state: ChartState): ChartMove {
  const { nBars, window } = state;
  const bar = state.bar ?? window.last;
  const clamp = (index: number): ChartMove => ({ kind: "bar", index: Math.min(nBars - 1, Math.max(0, index)) });
  const stride = shift ? step(state) : 1;
  switch (key) {
    case "ArrowLeft":
      return state.bar === null ? clamp(bar) : clamp(bar - stride);
    case "ArrowRight":
      return clamp(bar + stride);
    case "Home":
      return clamp(window.first);
    case "End":
      return clamp(window.last);
    case "Escape":
      return { kind: "bar", index: null };
    case "PageUp":
      return { kind: "window", window: moveWindow(window, nBars, { shift: -step(state) }) };
    case "PageDown":
      return { kind: "window", window: moveWindow(window, nBars, { shift: step(state) }) };
    case "+":
    case "=":
      return { kind: "window", window: moveWindow(window, nBars, { zoom: 0.8 }) };
    case "-":
      return { kind: "window", window: moveWindow(window, nBars, { zoom: 1.25 }) };
    case "0":
      return { kind: "window", window: { first: 0, last: nBars - 1 } };
    default:
      return null;
  }
}

/** Keeps a bar on screen: the window moves along when the bar leaves it. */
export function windowAround(window: IndexRange, bar: number, nBars: number): IndexRange {
  if (bar >= window.first && bar <= window.last) return window;
  const shift = bar < window.first ? bar - window.first : bar - window.last;
  return moveWindow(window, nBars, { shift });
}

/** Key handler of the charts. */
export function useChartKeys(read: () => ChartState, onMove: (move: NonNullable<ChartMove>) => void) {
  return useCallback(
    (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const move = chartMove(event.key, event.shiftKey, read());
      if (move === null) return;
      event.preventDefault();
      onMove(move);
    },
    [read, onMove],
  );
}
