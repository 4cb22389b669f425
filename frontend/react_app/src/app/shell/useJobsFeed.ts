import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Job, Event } from "@/lib/api";
import { isOnScreen, jobHref, jobTitle } from "@/lib/jobWords";
import { notify } from "@/lib/notices";
import { isOver, jobOf, jobsQuery, putJob, refreshPrices } from "@/lib/queries";
import { POLITE_MS, useSocketState, useStream } from "@/lib/socket";
import { createStore } from "@/lib/store";

export interface JobsFeed {
  running: readonly Job[];
  /** Jobs of one's own that have ended since one last looked. */
  finished: readonly Job[];
  markSeen: () => void;
}

/** Jobs that ended since the person last looked at them. */
const unseen = createStore<readonly Job[]>([]);

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
  const router = useRouter();
  const place = useLocation();
  const live = useSocketState() === "open";
  const finished = useSyncExternalStore(unseen.subscribe, unseen.get);

  const atWork = useRef(new Set<number>());
  const onEvent = (event: Event) => {
    const job = jobOf(event);
    if (!job) return;
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
    // What is on screen tells its end itself.
    const elsewhere = ended.filter((job) => !isOnScreen(job, router.state.location));
    elsewhere.forEach(tell);
    // What was uploaded is in every list of symbols and universes now.
    if (ended.some(({ kind }) => kind === "ingest")) void refreshPrices(client);
    if (elsewhere.length > 0) unseen.set([...elsewhere, ...unseen.get()]);
  }, [newest.data, client, router]);

  // Whoever goes to what a job made has seen that it is over.
  useEffect(() => {
    const left = unseen.get().filter((job) => !isOnScreen(job, place));
    if (left.length < unseen.get().length) unseen.set(left);
  }, [place]);

  const running = newest.data?.results.filter((job) => !isOver(job)) ?? [];
  return { running, finished, markSeen: () => unseen.set([]) };
}
