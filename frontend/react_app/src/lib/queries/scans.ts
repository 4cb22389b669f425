import { queryOptions } from "@tanstack/react-query";

import { scansList, scansRetrieve } from "../api";

const EARLIER = 200;

/** The user's scans, newest first. */
export const scansQuery = queryOptions({
  queryKey: ["scans", "list"],
  queryFn: ({ signal }) => scansList({ query: { ordering: ["-created_at"], page_size: EARLIER }, signal }),
});

export const scanQuery = (id: number) =>
  queryOptions({
    queryKey: ["scans", "one", id],
    queryFn: ({ signal }) => scansRetrieve({ path: { id }, signal }),
  });
