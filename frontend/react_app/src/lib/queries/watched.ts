import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { pairsRetrieve, pairsUnwatch, pairsWatch, pairsWatchedList } from "../api";

const ALL = 200;

/** The pairs the person watches, each with where its z-score stands. */
export const watchedQuery = queryOptions({
  queryKey: ["pairs", "watched"],
  queryFn: ({ signal }) => pairsWatchedList({ query: { page_size: ALL }, signal }),
});

/** A kept pair by its number. */
export const pairQuery = (id: number) =>
  queryOptions({ queryKey: ["pairs", "one", id], queryFn: ({ signal }) => pairsRetrieve({ path: { id }, signal }), staleTime: 60_000 });

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
