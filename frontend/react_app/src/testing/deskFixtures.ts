import type { Alert, Pair, Scan, Share, Symbol, Universe, WatchedPair } from "@/lib/api";

/** An alert as the server tells of it; what a test is about is given. */
export function makeAlert(given: Partial<Alert> = {}): Alert {
  return {
    id: 7,
    kind: "job_failed",
    severity: "warning",
    title: "Price ingestion failed",
    message: "The file has one column.",
    subject: { type: "ingestion", id: 3 },
    count: 1,
    created_at: "2026-01-05T10:00:00Z",
    last_at: "2026-01-05T10:00:00Z",
    acknowledged_at: null,
    ...given,
  };
}

const symbol = (id: number, ticker: string) => ({ id, ticker, name: ticker }) as Pair["symbol_1"];

/** A pair under watch, by its tickers and where its z-score stands. */
export function makeWatched(given: Partial<Omit<WatchedPair, "pair">> & { id?: number; legs?: [string, string] } = {}): WatchedPair {
  const { id = 1, legs = ["KO", "PEP"], ...rest } = given;
  return {
    pair: { id, symbol_1: symbol(1, legs[0]), symbol_2: symbol(2, legs[1]), fit_end: "2022-06-30T20:00:00Z" } as Pair,
    z_score: 1.4,
    spread: 0.02,
    as_of: "2022-12-28T21:00:00Z",
    sparkline: [0, 0.7, 1.4],
    entry_z: 2,
    exit_z: 0.5,
    ...rest,
  };
}

/** A finished scan. */
export function makeScan(given: Partial<Scan> = {}): Scan {
  return {
    id: 4,
    universe: { id: 1, name: "US large caps" },
    symbols: ["KO", "PEP"],
    parameters: { fdr: "by", alpha: 0.05, trend: "c", autolag: "aic", max_lag: null, min_overlap: 250, within_sectors: false },
    n_tests: 190,
    n_discoveries: 3,
    n_nominal: 18,
    expected_by_chance: 9.5,
    null_discoveries: 0.2,
    null_draws: 20,
    created_at: "2026-01-05T10:00:00Z",
    completed_at: "2026-01-05T10:00:05Z",
    job: null,
    ...given,
  } as Scan;
}

export function makeUniverse(given: Partial<Universe> = {}): Universe {
  return {
    id: 1,
    name: "US large caps",
    slug: "us-large-caps",
    description: "",
    source: "demo",
    n_symbols: 20,
    coverage: { first: "1990-01-02T21:00:00Z", last: "2022-12-28T21:00:00Z", n_bars: 166_000 },
    ...given,
  };
}

export function makeSymbol(given: Partial<Symbol> = {}): Symbol {
  return {
    id: 1,
    ticker: "KO",
    name: "Coca-Cola",
    sector: "Consumer Staples",
    exchange: "NYSE",
    currency: "USD",
    asset_class: "equity",
    delisted_on: null,
    delisting_return: null,
    is_active: true,
    coverage: null,
    ...given,
  };
}

/** A link that still leads somewhere for a long while. */
export function makeShare(given: Partial<Share> = {}): Share {
  return {
    id: 5,
    kind: "scan",
    object_id: 4,
    title: "Scan of US large caps",
    view: {},
    shows_owner: false,
    expires_at: "2126-01-12T10:00:00Z",
    revoked_at: null,
    views: 2,
    created_at: "2026-01-05T10:00:00Z",
    ...given,
  };
}

/** A page of a list that holds these. */
export function pageOf<T>(...results: T[]) {
  return { count: results.length, next: null, previous: null, results };
}
