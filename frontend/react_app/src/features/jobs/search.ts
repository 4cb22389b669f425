import type { JobStatus } from "@/lib/api";
import { compact, flag, integer, oneOf, type RawSearch } from "@/lib/urlState";

export const STATUSES: readonly JobStatus[] = ["PENDING", "RUNNING", "COMPLETED", "FAILED", "ERRORED", "CANCELLED"];

/** What the Jobs page keeps in the address. */
export interface JobsSearch {
  status?: JobStatus;
  page?: number;
  /** The job told about in full. */
  job?: number;
  /** The workers are listed. */
  workers?: boolean;
}

export function parseJobsSearch(raw: RawSearch): JobsSearch {
  const page = integer(raw.page, 1);
  return compact({ status: oneOf(raw.status, STATUSES), page: page === 1 ? undefined : page, job: integer(raw.job, 1), workers: flag(raw.workers) });
}
