/** Windows side by side: one scale for all Sharpe ratios, and what was chosen again and again. */
import type { ChosenPair, WalkForwardWindow } from "@/lib/api";

export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** Furthest that a ratio is drawn; a short, lucky test would flatten all others. */
const MOST = 6;

const sharpes = (window: WalkForwardWindow) => [window.in_sample.sharpe, window.out_of_sample.sharpe];

const lasts = ({ test_start, test_end }: WalkForwardWindow) => Date.parse(test_end) - Date.parse(test_start);

/** A test cut short by the end of the data, less than a third of the longest: its ratio says nothing. */
export function isShort(window: WalkForwardWindow, windows: readonly WalkForwardWindow[]): boolean {
  return lasts(window) * 3 < Math.max(...windows.map(lasts));
}

/** One scale for all windows, whole numbers at its ends, zero always on it. */
export function sharedScale(windows: readonly WalkForwardWindow[]): Scale {
  const values = windows.filter((window) => !isShort(window, windows)).flatMap(sharpes).filter((value) => value !== null);
  return {
    low: Math.max(-MOST, Math.min(-1, Math.floor(Math.min(0, ...values)))),
    high: Math.min(MOST, Math.max(1, Math.ceil(Math.max(0, ...values)))),
  };
}

/** Place of a ratio on the scale, 0 to 1; kept inside. */
export function place(value: number, { low, high }: Scale): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** How many windows' tests earned something, and in how many training had promised more; short ones do not count. */
export function tally(windows: readonly WalkForwardWindow[]): { tested: number; gained: number; below: number } {
  const tested = windows.filter((window) => window.out_of_sample.sharpe !== null && !isShort(window, windows));
  return {
    tested: tested.length,
    gained: tested.filter(({ out_of_sample }) => (out_of_sample.sharpe ?? 0) > 0).length,
    below: tested.filter(({ in_sample, out_of_sample }) => (in_sample.sharpe ?? -Infinity) > (out_of_sample.sharpe ?? 0)).length,
  };
}

export interface ValueRow {
  readonly value: number | null;
  /** Pairs that took the value, by window. */
  readonly counts: readonly number[];
  readonly share: number;
}

export interface Stability {
  readonly name: string;
  readonly rows: readonly ValueRow[];
  /** Share of the commonest value. */
  readonly steadiness: number;
  readonly commonest: number | null;
}

const byValue = (a: number | null, b: number | null) => (b ?? Infinity) - (a ?? Infinity);

/** For each setting with a choice, which values the windows chose: largest on top. */
export function stability(windows: readonly WalkForwardWindow[], grid: Readonly<Record<string, readonly (number | null)[]>>): readonly Stability[] {
  return Object.entries(grid)
    .filter(([, values]) => values.length > 1)
    .map(([name, values]) => {
      const total = windows.reduce((sum, { pairs }) => sum + pairs.filter(({ parameters }) => name in parameters).length, 0);
      const rows = [...values].sort(byValue).map((value) => {
        const counts = windows.map(({ pairs }) => pairs.filter(({ parameters }) => sameValue(parameters[name], value)).length);
        return { value, counts, share: total === 0 ? 0 : counts.reduce((sum, count) => sum + count, 0) / total };
      });
      const best = rows.reduce((most, row) => (row.share > most.share ? row : most), rows[0] ?? { value: null, counts: [], share: 0 });
      return { name, rows, steadiness: best.share, commonest: best.value };
    });
}

function sameValue(a: number | null | undefined, b: number | null): boolean {
  if (a === undefined) return false;
  return a === b || (a !== null && b !== null && Math.abs(a - b) < 1e-9);
}

export interface PairRow {
  readonly name: string;
  readonly legs: readonly [string, string];
  /** What it was in each window; null where it was not chosen. */
  readonly cells: readonly (ChosenPair | null)[];
  readonly times: number;
  readonly net: number;
}

/** Every pair ever chosen, the most often chosen first. */
export function pairRows(windows: readonly WalkForwardWindow[]): readonly PairRow[] {
  const rows = new Map<string, { legs: [string, string]; cells: (ChosenPair | null)[] }>();
  windows.forEach(({ pairs }, at) => {
    for (const pair of pairs) {
      const name = `${pair.symbol_1} / ${pair.symbol_2}`;
      const row = rows.get(name) ?? { legs: [pair.symbol_1, pair.symbol_2], cells: windows.map(() => null) };
      row.cells[at] = pair;
      rows.set(name, row);
    }
  });
  return [...rows]
    .map(([name, { legs, cells }]) => ({
      name,
      legs,
      cells,
      times: cells.filter((cell) => cell !== null).length,
      net: cells.reduce((sum, cell) => sum + (cell?.net_pnl ?? 0), 0),
    }))
    .sort((a, b) => b.times - a.times || b.net - a.net);
}

/** Share of a window's pairs that the window before had chosen too; null with fewer than two windows. */
export function kept(windows: readonly WalkForwardWindow[]): number | null {
  let shared = 0;
  let chosen = 0;
  for (let at = 1; at < windows.length; at += 1) {
    const before = new Set(windows[at - 1]?.pairs.map(({ symbol_1, symbol_2 }) => [symbol_1, symbol_2].sort().join()));
    for (const { symbol_1, symbol_2 } of windows[at]?.pairs ?? []) {
      chosen += 1;
      if (before.has([symbol_1, symbol_2].sort().join())) shared += 1;
    }
  }
  return chosen === 0 ? null : shared / chosen;
}
