import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";

import type { Event, Job } from "@/lib/api";
import { setTitleBadge } from "@/lib/documentTitle";
import { afterList, followNews, jobNews, setNews } from "@/lib/jobNews";
import { isOnScreen, jobHref, jobTitle } from "@/lib/jobWords";
import { notify } from "@/lib/notices";
import { isOver, jobOf, jobsQuery, putJob, refreshPrices, useMe } from "@/lib/queries";
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
  const router = useRouter();
  const { id: user } = useMe();
  const live = useSocketState() === "open";
  const news = useSyncExternalStore(jobNews.subscribe, jobNews.get);

  useEffect(() => followNews(user), [user]);
  const onEvent = (event: Event) => {
    const job = jobOf(event);
    if (!job) return;
    // A quick job may begin and end between two lists.
    const known = jobNews.get();
    if (!isOver(job) && !known.atWork.includes(job.id)) setNews({ ...known, atWork: [...known.atWork, job.id] });
    putJob(client, job);
  };
  useStream({ stream: "user" }, onEvent, () => void client.invalidateQueries({ queryKey: ["jobs"] }));

  const newest = useQuery({
    ...jobsQuery(),
    refetchInterval: ({ state }) => (!live && state.data?.results.some((job) => !isOver(job)) ? POLITE_MS : false),
  });
  // Events and polling both end in the cached list. Only what was seen at work here is news when it is over.
  useEffect(() => {
    // What is on screen tells its end itself, unless nobody looks at the screen.
    const isLookedAt = (job: Job) => !document.hidden && isOnScreen(job, router.state.location);
    const after = afterList(jobNews.get(), newest.data?.results ?? [], isLookedAt);
    if (after.news !== jobNews.get()) setNews(after.news);
    after.elsewhere.forEach(tell);
    // What was uploaded is in every list of symbols and universes now.
    if (after.ended.some(({ kind }) => kind === "ingest")) void refreshPrices(client);
  }, [newest.data, client, router]);

  const finished = newest.data?.results.filter((job) => isOver(job) && news.unseen.includes(job.id)) ?? [];
  useSeenOnArrival(finished);
  useEffect(() => {
    setTitleBadge(finished.length);
    return () => setTitleBadge(0);
  }, [finished.length]);

  const running = newest.data?.results.filter((job) => !isOver(job)) ?? [];
  return { running, finished, markSeen: () => setNews({ ...jobNews.get(), unseen: [] }) };
}

/** Whoever goes to what a job made, or comes back to it from another tab, has seen that it is over. */
function useSeenOnArrival(finished: readonly Job[]): void {
  const place = useLocation();
  const there = finished.filter((job) => isOnScreen(job, place)).map(({ id }) => id);
  const key = there.join(" ");
  useEffect(() => {
    if (key === "") return;
    const see = () => {
      if (document.hidden) return;
      const seen = new Set(key.split(" ").map(Number));
      const { atWork, unseen } = jobNews.get();
      setNews({ atWork, unseen: unseen.filter((id) => !seen.has(id)) });
    };
    see();
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, [key]);
}
