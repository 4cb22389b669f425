import { queryOptions } from "@tanstack/react-query";

import { queuesList, workersList } from "../api";

/** How often the queues are looked at while they are on screen. */
const LOOK_MS = 5_000;

/** Every queue: what waits, what runs, how many take from it. */
export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: ({ signal }) => queuesList({ signal }),
  refetchInterval: LOOK_MS,
});

/** The processes that do the jobs. */
export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: ({ signal }) => workersList({ query: { page_size: 200 }, signal }),
  refetchInterval: LOOK_MS,
});
