import type { Queue, QueueName, Worker } from "@/lib/api";
import { formatDuration, plural } from "@/lib/format";

export const QUEUE_WORDS: Record<QueueName, string> = { ingest: "Ingest", compute: "Compute", trade: "Trade" };

/** What waits in a queue, for those who hover over its name. */
export const QUEUE_ABOUT: Record<QueueName, string> = {
  ingest: "Uploads, checks of data, housekeeping",
  compute: "Scans, backtests, sweeps, walk-forwards, signals",
  trade: "Deliveries of alerts; orders, once there are any",
};

export const STATE_WORDS: Record<Worker["state"], string> = { up: "Up", silent: "Silent", stopping: "Stopping" };

/** "machine · 4711" of a worker's name, which ends in a nonce nobody reads. */
export function workerWords(name: string): string {
  const [host = "", pid] = name.split(":");
  return pid ? `${host} · ${pid}` : host;
}

/** Whether jobs wait in a queue that nobody serves. */
export const isStranded = (queue: Queue): boolean => queue.workers === 0 && queue.pending > 0;

/** A queue in a line: "2 wait, longest 14 s · 1 runs · 3 workers". */
export function queueWords(queue: Queue): string {
  const { pending, running, oldest_pending_seconds: oldest } = queue;
  const waits = pending > 0 ? `${pending} ${pending === 1 ? "waits" : "wait"}` : "";
  const parts = [
    waits && oldest !== null && oldest >= 1 ? `${waits}, longest ${formatDuration(oldest)}` : waits,
    running > 0 ? `${running} ${running === 1 ? "runs" : "run"}` : "",
    queue.workers > 0 ? plural(queue.workers, "worker") : "no worker",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** How many are in which state: "2 up, 1 stopping"; empty where there is none. */
export function countWords(workers: readonly Worker[]): string {
  const states: readonly Worker["state"][] = ["up", "stopping", "silent"];
  return states
    .map((state) => [workers.filter((worker) => worker.state === state).length, STATE_WORDS[state].toLowerCase()] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}
