import { queryOptions } from "@tanstack/react-query";

import {
  backtestsEquity,
  backtestsList,
  backtestsResults,
  backtestsRetrieve,
  strategiesCostModels,
  strategiesRules,
} from "../api";

const EARLIER = 200;
/** Rules and cost models change with the program, not while it runs. */
const FIXED = { staleTime: Infinity };

/** The user's backtests, newest first. */
export const backtestsQuery = queryOptions({
  queryKey: ["backtests", "list"],
  queryFn: ({ signal }) => backtestsList({ query: { ordering: ["-created_at"], page_size: EARLIER }, signal }),
});

export const backtestQuery = (id: number) =>
  queryOptions({
    queryKey: ["backtests", "one", id],
    queryFn: ({ signal }) => backtestsRetrieve({ path: { id }, signal }),
  });

/** The figures of a finished run, with what each means. */
export const backtestResultsQuery = (id: number) =>
  queryOptions({
    queryKey: ["backtests", "one", id, "results"],
    queryFn: ({ signal }) => backtestsResults({ path: { id }, signal }),
  });

/** The account of a finished run, bar by bar. */
export const backtestEquityQuery = (id: number) =>
  queryOptions({
    queryKey: ["backtests", "one", id, "equity"],
    queryFn: ({ signal }) => backtestsEquity({ path: { id }, signal }),
  });

/** The rules there are, with their settings as a form or a slider needs them. */
export const rulesQuery = queryOptions({
  queryKey: ["strategies", "rules"],
  queryFn: ({ signal }) => strategiesRules({ signal }),
  ...FIXED,
});

export const costModelsQuery = queryOptions({
  queryKey: ["strategies", "cost-models"],
  queryFn: ({ signal }) => strategiesCostModels({ signal }),
  ...FIXED,
});
