import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";

import { authMeRetrieve, type Me } from "../api";

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
