/** What the Pair Finder keeps in the URL, and how it is read back. */
import { compact, flag, integer, ordering, text, type RawSearch } from "@/lib/urlState";

/** Columns the server can order candidates by. */
export const ORDERABLE = [
  "rank",
  "symbol_1",
  "statistic",
  "pvalue",
  "hypothesis_pvalue",
  "qvalue",
  "outlier_pvalue",
  "fwer_pvalue",
  "hedge_ratio",
  "intercept",
  "half_life",
  "correlation",
  "n_obs",
  "lag",
] as const;
export type OrderColumn = (typeof ORDERABLE)[number];

/** Most negative statistic first: the strongest evidence on top. */
export const DEFAULT_ORDER = "statistic";

export interface PairFinderSearch {
  /** Scan on screen. */
  readonly scan?: number;
  /** Universe preselected in the form. */
  readonly universe?: number;
  /** Sort as the API spells it: `statistic`, `-correlation`. */
  readonly order?: OrderColumn | `-${OrderColumn}`;
  /** Text searched in the tickers. */
  readonly q?: string;
  /** Every tested pair instead of the kept candidates. */
  readonly all?: boolean;
  /** Ids of selected candidates, joined with dots. */
  readonly selected?: string;
  /** Ids of hidden columns, joined with dots. */
  readonly hide?: string;
}

/** Reads a dotted list of row ids; anything that is no positive integer is dropped. */
export function parseIds(value: string | undefined): number[] {
  const ids = (value ?? "").split(".").map((part) => integer(part, 1, Number.MAX_SAFE_INTEGER));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** Ids as a dotted list; undefined when empty, so the key leaves the URL. */
export function formatIds(ids: Iterable<number | string>): string | undefined {
  const joined = [...ids].join(".");
  return joined === "" ? undefined : joined;
}

/** Reads the query string; unknown keys and nonsense values are dropped rather than refused. */
export function parsePairFinderSearch(raw: RawSearch): PairFinderSearch {
  const order = ordering(raw.order, ORDERABLE);
  return compact<PairFinderSearch>({
    scan: integer(raw.scan, 1, Number.MAX_SAFE_INTEGER),
    universe: integer(raw.universe, 1, Number.MAX_SAFE_INTEGER),
    order: order === DEFAULT_ORDER ? undefined : order,
    q: text(raw.q, 40),
    all: flag(raw.all) === true ? true : undefined,
    selected: formatIds(parseIds(text(raw.selected, 4_000))),
    hide: text(raw.hide, 200),
  });
}
