import { queryOptions, type QueryClient } from "@tanstack/react-query";

import { jobsList, jobsRetrieve, type Job, type JobStatus, type Page } from "../api";

export const isOver = (job: Pick<Job, "status">): boolean => job.status !== "PENDING" && job.status !== "RUNNING";

/** One job. The socket keeps it fresh; asking again is for when the socket is silent. */
export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: ["jobs", "one", id],
    queryFn: ({ signal }) => jobsRetrieve({ path: { id }, signal }),
  });

export interface JobFilters {
  status?: JobStatus;
  page?: number;
}

export const JOBS_PAGE_SIZE = 50;

export const jobsQuery = (filters: JobFilters = {}) =>
  queryOptions({
    queryKey: ["jobs", "list", filters],
    queryFn: ({ signal }) =>
      jobsList({ query: { ...filters, ordering: "-created_at", page_size: JOBS_PAGE_SIZE }, signal }),
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
  let listed = false;
  client.setQueriesData<Page<Job>>({ queryKey: ["jobs", "list"] }, (page) => {
    if (!page?.results.some((each) => each.id === job.id)) return page;
    listed = true;
    return { ...page, results: page.results.map((each) => (each.id === job.id ? job : each)) };
  });
  // A new job, or one that leaves a filtered list: only the server knows which lists hold it now.
  if (!listed || known?.status !== job.status) void client.invalidateQueries({ queryKey: ["jobs", "list"] });
  return true;
}
