import { queryOptions, type QueryClient } from "@tanstack/react-query";

import { jobsList, jobsRetrieve, type Event, type Job, type JobStatus, type Page } from "../api";

export const isOver = (job: Pick<Job, "status">): boolean => job.status !== "PENDING" && job.status !== "RUNNING";

/** The job an event carries, if it is news of one. */
export const jobOf = (event: Event): Job | null =>
  event.type === "job_update" ? (event.data as unknown as Job) : null;

/** One job. The socket keeps it fresh; asking again is for when the socket is silent. */
export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: ["jobs", "one", id],
    queryFn: ({ signal }) => jobsRetrieve({ path: { id }, signal }),
  });

export interface JobFilters {
  /** Any of these. */
  status?: JobStatus[];
  page?: number;
}

export const JOBS_PAGE_SIZE = 50;

export const jobsQuery = (filters: JobFilters = {}) =>
  queryOptions({
    queryKey: ["jobs", "list", filters],
    queryFn: ({ signal }) =>
      jobsList({ query: { ...filters, ordering: ["-created_at"], page_size: JOBS_PAGE_SIZE }, signal }),
  });

/**
 * Writes news of a job into every cached query that shows it, and answers whether it was news: messages may come late,
 * and a job that is over does not run again.
 */
export function putJob(client: QueryClient, job: Job): boolean {
  const { queryKey } = jobQuery(job.id);
  const known = client.getQueryData(queryKey);
  if (known && isOver(known) && !isOver(job)) return false;
  client.setQueryData(queryKey, job);
  const lists = client.getQueriesData<Page<Job>>({ queryKey: ["jobs", "list"] });
  const holding = lists.filter(([, page]) => page?.results.some((each) => each.id === job.id));
  for (const [key] of holding) {
    client.setQueryData<Page<Job>>(
      key,
      (page) => page && { ...page, results: page.results.map((each) => (each.id === job.id ? job : each)) },
    );
  }
  // A new job, or one that leaves a filtered list: only the server knows which lists hold it now.
  if (holding.length === 0 || known?.status !== job.status) void client.invalidateQueries({ queryKey: ["jobs", "list"] });
  return true;
}
