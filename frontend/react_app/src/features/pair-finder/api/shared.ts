import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";

import { openFetch, sharedCandidatesList } from "@/lib/api";

import type { CandidateFilters, Ordering } from "./queries";

const PAGE_SIZE = 500;

/** The candidates of a shared scan, page after page, asked with nothing but the link's token. */
export const sharedCandidatesQuery = (token: string, { order, search, all }: CandidateFilters) =>
  infiniteQueryOptions({
    queryKey: ["shared", token, "candidates", { order, search, all }],
    queryFn: ({ pageParam, signal }) =>
      sharedCandidatesList({
        path: { token },
        query: { ordering: [order as Ordering], search, all: all ? true : undefined, page: pageParam, page_size: PAGE_SIZE },
        signal,
        fetch: openFetch,
      }),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (last.next ? page + 1 : undefined),
    placeholderData: keepPreviousData,
  });
