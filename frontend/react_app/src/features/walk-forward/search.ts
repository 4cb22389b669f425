/** What the pages of walk-forwards keep in the URL, and how it is read back. */
import { compact, day, flag, integer, text, type RawSearch } from "@/lib/urlState";

/** What the form of a new walk-forward starts with. */
export interface WalkForwardsSearch {
  readonly universe?: number;
  readonly scan?: number;
  /** "KO~PEP,XOM~CVX": these pairs only. */
  readonly pairs?: string;
  /** Sweep whose pair, rule and settings it starts from. */
  readonly sweep?: number;
}

export interface WalkForwardSearch {
  /** Number of the window on screen; the last one otherwise. */
  readonly window?: number;
  /** Visible part of the charts. */
  readonly from?: string;
  readonly to?: string;
  /** Show the numbers beside the charts. */
  readonly table?: boolean;
}

const id = (value: unknown) => integer(value, 1, Number.MAX_SAFE_INTEGER);

export function parseWalkForwardsSearch(raw: RawSearch): WalkForwardsSearch {
  return compact<WalkForwardsSearch>({ universe: id(raw.universe), scan: id(raw.scan), pairs: text(raw.pairs, 8_000), sweep: id(raw.sweep) });
}

export function parseWalkForwardSearch(raw: RawSearch): WalkForwardSearch {
  return compact<WalkForwardSearch>({
    window: integer(raw.window, 0, 100_000),
    from: day(raw.from),
    to: day(raw.to),
    table: flag(raw.table) === true ? true : undefined,
  });
}
