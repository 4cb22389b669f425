import { queryOptions, useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";

import { authMeRetrieve, authMeUpdate, type Me, type Preferences } from "../api";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => authMeRetrieve({ signal }),
  staleTime: 5 * 60_000,
});

/** The person logged in; inside the shell only, which has loaded them. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the person may do this (`"trading.add_scan"`); false while that is not known. */
export function useMay(permission: string): boolean {
  return useQuery(meQuery).data?.permissions.includes(permission) ?? false;
}

/** Saves preferences. They hold at once; a refusal puts back what was. */
export function useSavePreferences() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (preferences: Partial<Preferences>) => authMeUpdate({ body: { preferences } }),
    onMutate: (preferences) => {
      const before = client.getQueryData(meQuery.queryKey);
      if (before) {
        client.setQueryData(meQuery.queryKey, { ...before, preferences: { ...before.preferences, ...preferences } });
      }
      return before;
    },
    onError: (_error, _given, before) => client.setQueryData(meQuery.queryKey, before),
    onSuccess: (me) => client.setQueryData(meQuery.queryKey, me),
  });
}
