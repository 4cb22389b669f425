import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { Event, Job, WalkForward } from "@/lib/api";
import { isOver, refreshWalkForward } from "@/lib/queries";
import { useJobLive, useStream } from "@/lib/socket";

/** What a finished window says of itself as it ends. */
export interface LiveWindow {
  readonly window: number;
  readonly n_windows: number;
  readonly in_sample_sharpe: number | null;
  readonly out_of_sample_sharpe: number | null;
}

const ratio = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** The news of a window, or null for any other event. */
export function liveWindow({ type, data }: Pick<Event, "type" | "data">): LiveWindow | null {
  if (type !== "backtest_progress") return null;
  const { window, n_windows, in_sample_sharpe, out_of_sample_sharpe } = data as Record<string, unknown>;
  if (typeof window !== "number" || typeof n_windows !== "number") return null;
  return { window, n_windows, in_sample_sharpe: ratio(in_sample_sharpe), out_of_sample_sharpe: ratio(out_of_sample_sharpe) };
}

/** The run's job, live; as each window ends, and at the end, what stands on the page is read again. */
export function useWalkForwardJob(run: WalkForward): { job: Job | null; latest: LiveWindow | null } {
  const client = useQueryClient();
  const { job: live } = useJobLive(run.job?.id);
  const [latest, setLatest] = useState<LiveWindow | null>(null);
  const job = live ?? run.job;
  const watched = run.completed_at === null && run.job !== null ? { job_id: run.job.id } : null;
  useStream(watched, (event) => {
    const news = liveWindow(event);
    if (!news) return;
    setLatest(news);
    void refreshWalkForward(client, run.id);
  });
  const stale = run.job !== null && !isOver(run.job) && job?.status !== run.job.status;
  const status = job?.status;
  useEffect(() => {
    if (stale) void refreshWalkForward(client, run.id);
  }, [client, run.id, stale, status]);
  return { job, latest };
}
