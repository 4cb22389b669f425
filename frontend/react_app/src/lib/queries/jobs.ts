import { queryOptions } from "@tanstack/react-query";

import { jobsList, jobsRetrieve, type Job, type JobStatus } from "../api";

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
