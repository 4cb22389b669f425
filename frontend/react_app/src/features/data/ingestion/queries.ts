import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ingestionsRetrieve, ingestionsRowsList } from "@/lib/api";

const PAGE_SIZE = 500;

export const ingestionQuery = (id: number) =>
  queryOptions({
    queryKey: ["ingestions", "one", id],
    queryFn: ({ signal }) => ingestionsRetrieve({ path: { id }, signal }),
  });

export const rowsQuery = (id: number, reason: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["ingestions", "rows", id, reason],
    queryFn: ({ pageParam, signal }) =>
      ingestionsRowsList({ path: { id }, query: { reason, page: pageParam, page_size: PAGE_SIZE }, signal }),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (last.next ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    // A report does not change any more.
    staleTime: Infinity,
  });

/** Where the server writes the rows set aside as CSV, with their own cells. */
export function rowsCsv(id: number, reason: string | undefined): string {
  return `/api/v1/ingestions/${id}/rows.csv/${reason === undefined ? "" : `?reason=${encodeURIComponent(reason)}`}`;
}
