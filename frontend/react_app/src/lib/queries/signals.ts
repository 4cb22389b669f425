import { queryOptions, useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { pairsSignalsList, pairsSignalsRefresh, type Event, type Page, type Signal } from "../api";
import { putJob } from "./jobs";

const SHOWN = 500;

/** A pair's signals, newest first. */
export const pairSignalsQuery = (pair: number) =>
  queryOptions({
    queryKey: ["pairs", "one", pair, "signals"],
    queryFn: ({ signal }): Promise<Page<Signal>> =>
      pairsSignalsList({ path: { id: pair }, query: { page_size: SHOWN }, signal }),
  });

/** The signal an event tells of, or null for any other event. */
export function signalOf({ type, data }: Pick<Event, "type" | "data">): Signal | null {
  if (type !== "signal_update" || typeof data.id !== "number" || typeof data.signal_type !== "string") return null;
  return data as unknown as Signal;
}

/** Lays a signal into a list in its place: newest first, and once. */
export function withSignal(known: Page<Signal>, news: Signal): Page<Signal> {
  const others = known.results.filter(({ id }) => id !== news.id);
  const results = [...others, news].sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp) || b.id - a.id);
  return { ...known, results, count: known.count + (others.length === known.results.length ? 1 : 0) };
}

export function putSignal(client: QueryClient, pair: number, news: Signal): void {
  client.setQueryData(pairSignalsQuery(pair).queryKey, (known) => known && withSignal(known, news));
}

/** Asks for the pair's signals up to its last bar. */
export function useRefreshSignals(pair: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => pairsSignalsRefresh({ path: { id: pair } }),
    onSuccess: (job) => putJob(client, job),
  });
}
