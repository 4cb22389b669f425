/** What the pages of backtests keep in the URL, and how it is read back. */
import { compact, day, flag, integer, oneOf, text, ticker, type RawSearch } from "@/lib/urlState";

/** Most runs that are compared at once, as the server has it. */
export const MOST_COMPARED = 8;

export interface BacktestsSearch {
  /** Ids of selected runs, joined with dots. */
  readonly selected?: string;
}

export type RunKind = "pair" | "list" | "selection";
export const KINDS: readonly RunKind[] = ["pair", "list", "selection"];

/** What the form of a new backtest starts with. */
export interface NewBacktestSearch {
  readonly kind?: RunKind;
  readonly symbol_1?: string;
  readonly symbol_2?: string;
  /** "KO~PEP,XOM~CVX": pairs of a list. */
  readonly pairs?: string;
  readonly scan?: number;
  readonly top?: number;
  /** Run whose settings it starts from. */
  readonly like?: number;
  /** Sweep whose rule, account and period it starts from, with these settings: "entry_z:2,window:40". */
  readonly sweep?: number;
  readonly set?: string;
}

export interface RunSearch {
  /** Visible part of the charts. */
  readonly from?: string;
  readonly to?: string;
  /** Number of the trade that is marked. */
  readonly trade?: number;
  /** Show the numbers beside the charts. */
  readonly table?: boolean;
  readonly log?: boolean;
  /** Draw the benchmark too. */
  readonly benchmark?: boolean;
}

export interface CompareSearch {
  /** Ids joined with dots. */
  readonly runs?: string;
  readonly from?: string;
  readonly to?: string;
  readonly table?: boolean;
}

/** Reads a dotted list of ids; anything that is no positive integer is dropped, and so is what is too many. */
export function parseIds(value: string | undefined, most = Infinity): number[] {
  const ids = (value ?? "").split(".").map((part) => integer(part, 1, Number.MAX_SAFE_INTEGER));
  return [...new Set(ids.filter((id) => id !== undefined))].slice(0, most);
}

/** Ids as a dotted list; undefined when empty, so the key leaves the URL. */
export function formatIds(ids: Iterable<number | string>): string | undefined {
  const joined = [...ids].join(".");
  return joined === "" ? undefined : joined;
}

export function parseBacktestsSearch(raw: RawSearch): BacktestsSearch {
  return compact<BacktestsSearch>({ selected: formatIds(parseIds(text(raw.selected, 2_000))) });
}

export function parseNewSearch(raw: RawSearch): NewBacktestSearch {
  return compact<NewBacktestSearch>({
    kind: oneOf(raw.kind, KINDS),
    symbol_1: ticker(raw.symbol_1),
    symbol_2: ticker(raw.symbol_2),
    pairs: text(raw.pairs, 8_000),
    scan: integer(raw.scan, 1, Number.MAX_SAFE_INTEGER),
    top: integer(raw.top, 1, 100),
    like: integer(raw.like, 1, Number.MAX_SAFE_INTEGER),
    sweep: integer(raw.sweep, 1, Number.MAX_SAFE_INTEGER),
    set: text(raw.set, 1_000),
  });
}

export function parseRunSearch(raw: RawSearch): RunSearch {
  return compact<RunSearch>({
    from: day(raw.from),
    to: day(raw.to),
    trade: integer(raw.trade, 1, Number.MAX_SAFE_INTEGER),
    table: flag(raw.table) === true ? true : undefined,
    log: flag(raw.log) === true ? true : undefined,
    benchmark: flag(raw.benchmark) === true ? true : undefined,
  });
}

export function parseCompareSearch(raw: RawSearch): CompareSearch {
  return compact<CompareSearch>({
    runs: formatIds(parseIds(text(raw.runs, 200), MOST_COMPARED)),
    from: day(raw.from),
    to: day(raw.to),
    table: flag(raw.table) === true ? true : undefined,
  });
}
