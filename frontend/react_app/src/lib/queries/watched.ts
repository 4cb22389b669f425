import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { pairsUnwatch, pairsWatch, pairsWatchedList } from "../api";

const ALL = 200;

/** The pairs the person watches, each with where its z-score stands. */
export const watchedQuery = queryOptions({
  queryKey: ["pairs", "watched"],
  queryFn: ({ signal }) => pairsWatchedList({ query: { page_size: ALL }, signal }),
});

/** Whether the person watches a pair; undefined while that is not known. */
export function useIsWatched(pair: number): boolean | undefined {
  return useQuery(watchedQuery).data?.results.some((each) => each.pair.id === pair);
}

/** Puts a pair on the person's own list, or takes it off. */
export function useSetWatched() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ pair, watched }: { pair: number; watched: boolean }) =>
      watched ? pairsWatch({ path: { id: pair } }) : pairsUnwatch({ path: { id: pair } }),
    onSuccess: () => client.invalidateQueries({ queryKey: watchedQuery.queryKey }),
  });
}
