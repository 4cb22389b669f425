import { useEffect, useState } from "react";

import type { Job } from "@/lib/api";
import { isOver } from "@/lib/queries";

/** Seconds at work and left to go, counted on from the newest word of the server: no two clocks are compared. */
export function useElapsed(job: Job): { elapsed: number; eta: number | null } {
  const [heard, setHeard] = useState({ job, since: 0 });
  if (heard.job !== job) setHeard({ job, since: 0 });
  const over = isOver(job);
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setHeard(({ job: same, since }) => ({ job: same, since: since + 1 })), 1000);
    return () => clearInterval(timer);
  }, [over]);
  const since = over ? 0 : heard.since;
  return {
    elapsed: job.elapsed_seconds + since,
    eta: job.eta_seconds === null || over ? null : Math.max(0, job.eta_seconds - since),
  };
}
