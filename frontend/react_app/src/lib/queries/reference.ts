import { queryOptions, type QueryClient } from "@tanstack/react-query";

import { symbolsList, symbolsPrices, universesList, universesRetrieve, type Symbol } from "../api";

/** The largest page the server gives. */
const ALL = 1000;

/** Every symbol, page after page. */
async function allSymbols(signal: AbortSignal): Promise<Symbol[]> {
  const found: Symbol[] = [];
  for (let page = 1; ; page += 1) {
    const { results, next } = await symbolsList({ query: { page, page_size: ALL, ordering: ["ticker"] }, signal });
    found.push(...results);
    if (!next) return found;
  }
}

const REFERENCE = { staleTime: 5 * 60_000 };

export const universesQuery = queryOptions({
  queryKey: ["universes"],
  queryFn: ({ signal }) => universesList({ query: { page_size: ALL }, signal }),
  ...REFERENCE,
});

export const universeQuery = (id: number) =>
  queryOptions({
    queryKey: ["universes", id],
    queryFn: ({ signal }) => universesRetrieve({ path: { id }, signal }),
    ...REFERENCE,
  });

export const symbolsQuery = queryOptions({
  queryKey: ["symbols"],
  queryFn: ({ signal }) => allSymbols(signal),
  ...REFERENCE,
});

export const pricesQuery = (id: number) =>
  queryOptions({
    queryKey: ["symbols", id, "prices"],
    queryFn: ({ signal }) => symbolsPrices({ path: { id }, signal }),
    ...REFERENCE,
  });

/** Reads again all that new prices change. */
export async function refreshPrices(client: QueryClient): Promise<void> {
  const keys = [["universes"], ["symbols"], ["ingestions"], ["pairs"]];
  await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
}
