import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import type { Job, StreamEvent } from "@/lib/api";
import { jobHref, jobTitle } from "@/lib/jobWords";
import { notify } from "@/lib/notices";
import { isOver, jobsQuery, putJob } from "@/lib/queries";
import { POLITE_MS, useSocketState, useStream } from "@/lib/socket";

export interface JobsFeed {
  running: readonly Job[];
  /** Jobs of one's own that have ended since one last looked. */
  finished: readonly Job[];
  markSeen: () => void;
}

function tell(job: Job): void {
  const href = jobHref(job);
  const link = href && job.status === "COMPLETED" ? { href, label: "Open" } : { href: "/jobs", label: "See Jobs" };
  const title = jobTitle(job);
  if (job.status === "COMPLETED") notify({ tone: "good", title: `${title} is complete`, text: job.message, link });
  else if (job.status === "CANCELLED") notify({ tone: "plain", title: `${title} was cancelled` });
  else notify({ tone: "bad", title: `${title} failed`, text: job.error, link });
}

/** Follows all jobs of the person logged in: over the socket, or by asking now and then while it is down. */
export function useJobsFeed(): JobsFeed {
  const client = useQueryClient();
  const live = useSocketState() === "open";
  const [finished, setFinished] = useState<readonly Job[]>([]);

  const atWork = useRef(new Set<number>());
  const onEvent = (event: StreamEvent) => {
    if (event.type !== "job_update") return;
    const job = event.data as Job;
    if (!isOver(job)) atWork.current.add(job.id);
    putJob(client, job);
  };
  useStream({ stream: "user" }, onEvent, () => void client.invalidateQueries({ queryKey: ["jobs"] }));

  const newest = useQuery({
    ...jobsQuery(),
    refetchInterval: ({ state }) => (!live && state.data?.results.some((job) => !isOver(job)) ? POLITE_MS : false),
  });
  // Events and polling both end in the cached list. Only what was seen at work here is news when it is over.
  useEffect(() => {
    const ended: Job[] = [];
    for (const job of newest.data?.results ?? []) {
      if (!isOver(job)) atWork.current.add(job.id);
      else if (atWork.current.delete(job.id)) ended.push(job);
    }
    if (ended.length === 0) return;
    ended.forEach(tell);
    setFinished((earlier) => [...ended, ...earlier]);
  }, [newest.data]);

  const running = newest.data?.results.filter((job) => !isOver(job)) ?? [];
  const markSeen = useCallback(() => setFinished([]), []);
  return { running, finished, markSeen };
}
