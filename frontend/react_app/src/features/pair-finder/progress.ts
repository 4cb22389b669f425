/** Words for a running job. */
import type { Job } from "@/lib/api";
import { STATUS_WORDS } from "@/lib/jobWords";
import { isOver } from "@/lib/queries";

/** Seconds since the job started (or was asked for, while it waits). */
export function elapsedSeconds(job: Pick<Job, "created_at" | "started_at" | "finished_at">, now: number): number {
  const start = Date.parse(job.started_at ?? job.created_at);
  const end = job.finished_at === null ? now : Date.parse(job.finished_at);
  return Math.max(0, (end - start) / 1000);
}

/** What the job is doing, in one line. */
export function stageWords(job: Pick<Job, "status" | "stage" | "cancel_requested">): string {
  if (isOver(job)) return STATUS_WORDS[job.status];
  if (job.cancel_requested) return "Stopping…";
  if (job.status === "PENDING") return "Waiting for a free worker";
  if (job.stage === "") return "Starting";
  return job.stage.charAt(0).toUpperCase() + job.stage.slice(1).replaceAll("_", " ");
}

export { isOver };
