import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import {
  backtestsCausality,
  backtestsCompare,
  backtestsCreate,
  backtestsDestroy,
  backtestsRerun,
  backtestsTradesList,
  openFetch,
  sharedEquity,
  sharedResults,
  sharedTradesList,
  type BacktestCreateRequest,
  type BacktestTrade,
} from "@/lib/api";
import { backtestQuery, backtestsQuery, putJob } from "@/lib/queries";

/** The largest page the server gives. */
const PAGE = 1000;
/** Trades that are drawn and listed; of longer runs the rest stands in the exports. */
export const MOST_TRADES = 10_000;

export interface Trades {
  readonly count: number;
  readonly trades: readonly BacktestTrade[];
}

const pageQuery = (page: number) => ({ page, page_size: PAGE, ordering: "number" as const });
type TradePage = (query: ReturnType<typeof pageQuery>) => Promise<{ count: number; next?: string | null; results: BacktestTrade[] }>;

async function allTrades(read: TradePage): Promise<Trades> {
  const trades: BacktestTrade[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await read(pageQuery(page));
    trades.push(...answer.results);
    if (!answer.next || trades.length >= MOST_TRADES) return { count: answer.count, trades };
  }
}

/** Every trade of a run, oldest first: markers and rows are drawn of the same ones. */
export const tradesQuery = (id: number) =>
  queryOptions({
    queryKey: ["backtests", "one", id, "trades"],
    queryFn: ({ signal }) => allTrades((query) => backtestsTradesList({ path: { id }, query, signal })),
    staleTime: Infinity,
  });

/** The parts of a run as a link shows them, asked with nothing but its token. */
export const sharedRunQueries = (token: string) => {
  const asked = (signal: AbortSignal) => ({ path: { token }, signal, fetch: openFetch });
  return {
    results: queryOptions({ queryKey: ["shared", token, "results"], queryFn: ({ signal }) => sharedResults(asked(signal)), staleTime: Infinity }),
    equity: queryOptions({ queryKey: ["shared", token, "equity"], queryFn: ({ signal }) => sharedEquity(asked(signal)), staleTime: Infinity }),
    trades: queryOptions({
      queryKey: ["shared", token, "trades"],
      queryFn: ({ signal }) => allTrades((query) => sharedTradesList({ ...asked(signal), query })),
      staleTime: Infinity,
    }),
  };
};

export const comparisonQuery = (runs: readonly number[]) =>
  queryOptions({
    queryKey: ["backtests", "compare", runs.join(",")],
    queryFn: ({ signal }) => backtestsCompare({ query: { runs: runs.join(",") }, signal }),
    enabled: runs.length >= 2,
    placeholderData: keepPreviousData,
  });

/** Asks for a backtest; it and its job are known to the cache before the page turns to it. */
export function useStartBacktest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BacktestCreateRequest) => backtestsCreate({ body }),
    onSuccess: (run) => {
      client.setQueryData(backtestQuery(run.id).queryKey, run);
      if (run.job) putJob(client, run.job);
      void client.invalidateQueries({ queryKey: backtestsQuery.queryKey });
    },
  });
}

/** What checks a finished run: the run itself then says what came of it. */
const CHECKS = { rerun: backtestsRerun, causality: backtestsCausality };
export type Check = keyof typeof CHECKS;

/** Runs it again from its manifest, or with its future cut off: neither may change what it did. */
export function useCheck(id: number, check: Check) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => CHECKS[check]({ path: { id } }),
    onSuccess: (job) => putJob(client, job),
  });
}

export function useDeleteBacktests() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (ids: readonly number[]) => {
      for (const id of ids) await backtestsDestroy({ path: { id } });
    },
    onSettled: () => client.invalidateQueries({ queryKey: backtestsQuery.queryKey }),
  });
}
