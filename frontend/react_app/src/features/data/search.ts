import { compact, day, flag, integer, oneOf, text, ticker, type RawSearch } from "@/lib/urlState";

export const SYMBOL_ORDERS = ["ticker", "name", "sector", "first", "last", "bars"] as const;
export type SymbolOrder = (typeof SYMBOL_ORDERS)[number] | `-${(typeof SYMBOL_ORDERS)[number]}`;

/** What the lower half of the page shows. */
export const VIEWS = ["symbols", "coverage", "uploads"] as const;
export type DataView = (typeof VIEWS)[number];

/** What the Data page keeps in the address. */
export interface DataSearch {
  /** Default: symbols. */
  view?: DataView;
  /** Only the symbols of this universe. */
  universe?: number;
  /** Text searched in ticker, name and sector. */
  q?: string;
  order?: SymbolOrder;
  /** Symbol whose prices are shown. */
  symbol?: string;
  /** Days the chart shows. */
  from?: string;
  to?: string;
  /** The numbers beside the chart; the months in words instead of the coverage map. */
  table?: boolean;
  /** The upload whose report is shown. */
  ingestion?: number;
  /** Rows set aside for this reason only. */
  reason?: string;
}

const ORDERS: readonly SymbolOrder[] = SYMBOL_ORDERS.flatMap((each) => [each, `-${each}` as const]);

export function parseDataSearch(raw: RawSearch): DataSearch {
  return compact({
    view: oneOf(raw.view, VIEWS.slice(1)),
    universe: integer(raw.universe, 1),
    q: text(raw.q),
    order: oneOf(raw.order, ORDERS),
    symbol: ticker(raw.symbol),
    from: day(raw.from),
    to: day(raw.to),
    table: flag(raw.table) === true ? true : undefined,
    ingestion: integer(raw.ingestion, 1, Number.MAX_SAFE_INTEGER),
    reason: text(raw.reason, 40),
  });
}
