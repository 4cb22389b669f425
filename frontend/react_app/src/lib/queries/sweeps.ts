import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from "@tanstack/react-query";

import { sweepsCombinationsList, sweepsList, sweepsRetrieve, sweepsSurface } from "../api";

const EARLIER = 100;
const ROWS = 200;
/** A finished sweep never changes. */
const FIXED = { staleTime: Infinity };

/** The user's sweeps and searches, newest first. */
export const sweepsQuery = queryOptions({
  queryKey: ["sweeps", "list"],
  queryFn: ({ signal }) => sweepsList({ query: { ordering: ["-created_at"], page_size: EARLIER }, signal }),
});

export const sweepQuery = (id: number) =>
  queryOptions({
    queryKey: ["sweeps", "one", id],
    queryFn: ({ signal }) => sweepsRetrieve({ path: { id }, signal }),
  });

export interface SurfaceAsked {
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly metric?: string | undefined;
}

/** A metric over two settings. */
export const surfaceQuery = (id: number, { x, y, metric }: SurfaceAsked) =>
  queryOptions({
    queryKey: ["sweeps", "one", id, "surface", x ?? "", y ?? "", metric ?? ""],
    queryFn: ({ signal }) => sweepsSurface({ path: { id }, query: { x, y, metric }, signal }),
    placeholderData: keepPreviousData,
    ...FIXED,
  });

/** Every combination in an order, page after page. */
export const combinationsQuery = (id: number, ordering: string) =>
  infiniteQueryOptions({
    queryKey: ["sweeps", "one", id, "combinations", ordering],
    queryFn: ({ pageParam, signal }) =>
      sweepsCombinationsList({ path: { id }, query: { ordering, page: pageParam, page_size: ROWS }, signal }),
    initialPageParam: 1,
    getNextPageParam: (last, all) => (last.next ? all.length + 1 : undefined),
    ...FIXED,
  });

/** One combination: as they are numbered in the order they were tried, its number is its page of one row. */
export const combinationQuery = (id: number, number: number) =>
  queryOptions({
    queryKey: ["sweeps", "one", id, "combination", number],
    queryFn: async ({ signal }) =>
      (await sweepsCombinationsList({ path: { id }, query: { page: number, page_size: 1 }, signal })).results[0] ?? null,
    ...FIXED,
  });

/** Reads again what its end changes. */
export async function refreshSweep(client: QueryClient, id: number): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: sweepQuery(id).queryKey }),
    client.invalidateQueries({ queryKey: sweepsQuery.queryKey }),
  ]);
}
