/** What the pages of sweeps keep in the URL, and how it is read back. */
import { compact, integer, oneOf, text, ticker, type RawSearch } from "@/lib/urlState";

/** What the form of a new sweep starts with. */
export interface SweepsSearch {
  readonly symbol_1?: string;
  readonly symbol_2?: string;
  /** Backtest whose rule, settings and account it starts from. */
  readonly like?: number;
  /** Sweep whose settings it starts from. */
  readonly again?: number;
  readonly method?: Method;
}

export type Method = "grid" | "search";
export const METHODS: readonly Method[] = ["grid", "search"];

export interface SweepSearch {
  /** Settings the surface is drawn over, and what is drawn. */
  readonly x?: string;
  readonly y?: string;
  readonly metric?: string;
  /** Number of the combination that is marked. */
  readonly chosen?: number;
  /** "-sharpe_ratio": how the combinations are ordered. */
  readonly order?: string;
}

const id = (value: unknown) => integer(value, 1, Number.MAX_SAFE_INTEGER);

export function parseSweepsSearch(raw: RawSearch): SweepsSearch {
  return compact<SweepsSearch>({
    symbol_1: ticker(raw.symbol_1),
    symbol_2: ticker(raw.symbol_2),
    like: id(raw.like),
    again: id(raw.again),
    method: oneOf(raw.method, METHODS),
  });
}

const name = (value: unknown) => {
  const given = text(value, 40);
  return given !== undefined && /^[a-z_0-9]+$/.test(given) ? given : undefined;
};

export function parseSweepSearch(raw: RawSearch): SweepSearch {
  const order = text(raw.order, 41);
  return compact<SweepSearch>({
    x: name(raw.x),
    y: name(raw.y),
    metric: name(raw.metric),
    chosen: integer(raw.chosen, 1, 100_000),
    order: order !== undefined && /^-?[a-z_0-9]+$/.test(order) ? order : undefined,
  });
}
