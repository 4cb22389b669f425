import { useEffect, useState } from "react";

import type { Job } from "@/lib/api";
import { isOver } from "@/lib/queries";

/** Seconds since the newest word from the server, ticking while the job runs: no clock but this one is trusted. */
export function useElapsed(job: Job): { elapsed: number | null; eta: number | null } {
  const [heard, setHeard] = useState({ job, at: Date.now() });
  const [now, setNow] = useState(heard.at);
  if (heard.job !== job) {
    const at = Date.now();
    setHeard({ job, at });
    setNow(at);
  }
  const over = isOver(job);
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over]);
  const since = over ? 0 : Math.max(0, (now - heard.at) / 1000);
  return {
    elapsed: job.elapsed_seconds === null ? null : job.elapsed_seconds + since,
    eta: job.eta_seconds === null || over ? null : Math.max(0, job.eta_seconds - since),
  };
}
