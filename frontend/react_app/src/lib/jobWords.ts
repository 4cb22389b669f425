import type { Job, JobStatus } from "./api";
import { plural } from "./format";

/** Kinds that people know by another name. */
const KIND_WORDS: Partial<Record<Job["kind"], string>> = { ingest: "upload", walk_forward: "walk-forward" };

/** What kind of job it is: "Walk-forward". */
export function kindWords(kind: Job["kind"]): string {
  const words = KIND_WORDS[kind] ?? kind.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a job is, by its kind and subject: "Scan 12". */
export function jobTitle(job: Pick<Job, "id" | "kind" | "subject">): string {
  return `${kindWords(job.kind)} ${job.subject?.id ?? `(job ${job.id})`}`;
}

/** What a job that is not over says of itself: why it waits, or what it does and how many help. */
export function stageWords(job: Pick<Job, "status" | "stage" | "message" | "parts">): string {
  if (job.status === "PENDING") return job.message || "Waiting for its turn";
  if (!job.parts) return job.stage;
  const { done, total, workers } = job.parts;
  const parts = `${done} of ${plural(total, "part")}${workers > 0 ? `, ${plural(workers, "worker")}` : ""}`;
  return job.stage ? `${job.stage}: ${parts}` : parts;
}

export const STATUS_WORDS: Record<JobStatus, string> = {
  PENDING: "Waiting",
  RUNNING: "Running",
  COMPLETED: "Completed",
  FAILED: "Failed",
  ERRORED: "Fault",
  CANCELLED: "Cancelled",
};

/** Whether the page at this place is the one that shows what the job makes. */
export function isOnScreen(
  job: Pick<Job, "subject">,
  place: { readonly pathname: string; readonly search: Readonly<Record<string, unknown>> },
): boolean {
  const href = jobHref(job);
  if (href === null) return false;
  const { pathname, searchParams } = new URL(href, "http://titan");
  return pathname === place.pathname && [...searchParams].every(([key, value]) => String(place.search[key]) === value);
}

/** The page that shows what the job makes, if there is one. */
export const jobHref = (job: Pick<Job, "subject">): string | null => subjectHref(job.subject);

/** The page that shows a thing that jobs and alerts are about, if there is one. */
export function subjectHref(subject: { readonly type: string; readonly id: number } | null): string | null {
  switch (subject?.type) {
    case "scan":
      return `/pair-finder?scan=${subject.id}`;
    case "backtestrun":
      return `/backtests/${subject.id}`;
    case "walkforwardrun":
      return `/walk-forwards/${subject.id}`;
    case "sweep":
      return `/sweeps/${subject.id}`;
    case "ingestion":
      return `/data?view=uploads&ingestion=${subject.id}`;
    case "universe":
      return `/data?universe=${subject.id}`;
    case "tradingpair":
      return `/pairs/${subject.id}`;
    case "job":
      return `/jobs?job=${subject.id}`;
    default:
      return null;
  }
}
