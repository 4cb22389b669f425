import { queryOptions, type QueryClient } from "@tanstack/react-query";

import {
  walkForwardsEquity,
  walkForwardsList,
  walkForwardsResults,
  walkForwardsRetrieve,
  walkForwardsWindowsList,
} from "../api";

const EARLIER = 100;
const WINDOWS = 1000;

/** The user's walk-forwards, newest first. */
export const walkForwardsQuery = queryOptions({
  queryKey: ["walk-forwards", "list"],
  queryFn: ({ signal }) => walkForwardsList({ query: { ordering: ["-created_at"], page_size: EARLIER }, signal }),
});

export const walkForwardQuery = (id: number) =>
  queryOptions({
    queryKey: ["walk-forwards", "one", id],
    queryFn: ({ signal }) => walkForwardsRetrieve({ path: { id }, signal }),
  });

/** Windows finished so far. */
export const walkForwardWindowsQuery = (id: number) =>
  queryOptions({
    queryKey: ["walk-forwards", "one", id, "windows"],
    queryFn: async ({ signal }) =>
      (await walkForwardsWindowsList({ path: { id }, query: { page_size: WINDOWS }, signal })).results,
  });

/** The account through all tests finished so far. */
export const walkForwardEquityQuery = (id: number) =>
  queryOptions({
    queryKey: ["walk-forwards", "one", id, "equity"],
    queryFn: ({ signal }) => walkForwardsEquity({ path: { id }, signal }),
  });

/** Out-of-sample figures, deflated by every combination tried. */
export const walkForwardResultsQuery = (id: number) =>
  queryOptions({
    queryKey: ["walk-forwards", "one", id, "results"],
    queryFn: ({ signal }) => walkForwardsResults({ path: { id }, signal }),
  });

/** Reads again what a further window, or the end, changes. */
export async function refreshWalkForward(client: QueryClient, id: number): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: walkForwardQuery(id).queryKey }),
    client.invalidateQueries({ queryKey: walkForwardsQuery.queryKey }),
  ]);
}
