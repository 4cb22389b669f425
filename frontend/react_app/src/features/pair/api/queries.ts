import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import {
  type PairAnalyzeRequest,
  pairsAnalyze,
  pairsCreate,
  pairsWatch,
  type PairWriteRequest,
  scansCandidatesList,
} from "@/lib/api";


import { rowOf } from "../scanJudgement";
import { PAIR_DEFAULTS, type PairSearch } from "../search";

/** The analysis an address asks for; null until both legs are chosen. */
export function analyzeRequest(search: PairSearch): PairAnalyzeRequest | null {
  const { symbol_1, symbol_2 } = search;
  if (symbol_1 === undefined || symbol_2 === undefined) return null;
  return {
    symbol_1,
    symbol_2,
    start_date: search.start_date,
    end_date: search.end_date,
    timeframe: "1d",
    window: search.window ?? PAIR_DEFAULTS.window,
    significance_level: search.significance ?? PAIR_DEFAULTS.significance,
    min_correlation: search.min_correlation ?? PAIR_DEFAULTS.min_correlation,
    trend: search.trend ?? PAIR_DEFAULTS.trend,
    after: true,
  };
}

/** The analysis of two symbols: asked with POST, but it changes nothing, so it is kept as any other reading. */
export const analysisQuery = (request: PairAnalyzeRequest | null) =>
  queryOptions({
    queryKey: ["pairs", "analysis", request],
    queryFn: () => pairsAnalyze({ body: request ?? { symbol_1: "", symbol_2: "" } }),
    enabled: request !== null,
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
  });

/** What a scan found of a pair, whichever leg comes first; null where it did not test it. */
export const scanRowQuery = (scan: number, legs: readonly [string, string]) => {
  // The server looks for a ticker exactly, and for part of one: the longer ticker is part of fewer.
  const [symbol, search] = [...legs].sort((a, b) => a.length - b.length || a.localeCompare(b));
  return queryOptions({
    queryKey: ["scans", "one", scan, "pair", symbol, search],
    queryFn: async ({ signal }) => {
      const query = { all: true, symbol, search, page_size: 1000 };
      const { results } = await scansCandidatesList({ path: { id: scan }, query, signal });
      return rowOf(results, legs);
    },
  });
};

/** Keeps a pair, fitted over the window on screen, for everyone, and puts it on one's own list. */
export function useKeepAndWatch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: PairWriteRequest) => {
      const pair = await pairsCreate({ body });
      await pairsWatch({ path: { id: pair.id } });
      return pair;
    },
    // Also where only the second half failed: the pair is kept then, and its star can be pressed.
    onSettled: () => client.invalidateQueries({ queryKey: ["pairs"] }),
  });
}
