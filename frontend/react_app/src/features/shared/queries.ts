import { queryOptions } from "@tanstack/react-query";

import { openFetch, sharedRetrieve } from "@/lib/api";

/** What a link shows; asked without a session, so that anybody who holds it gets the same. */
export const sharedQuery = (token: string) =>
  queryOptions({
    queryKey: ["shared", token],
    queryFn: ({ signal }) => sharedRetrieve({ path: { token }, signal, fetch: openFetch }),
    staleTime: 60_000,
  });
