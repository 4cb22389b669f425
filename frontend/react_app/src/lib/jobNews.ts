/**
 * Which jobs ended while the person looked elsewhere. Kept on this machine, so that a reload, or a tab closed over
 * lunch, loses no news; ids only, for the server has the rest.
 */
import type { Job } from "./api";
import { isOver } from "./queries";
import { createStore } from "./store";

export interface JobNews {
  /** Seen at work here, not yet seen over. */
  readonly atWork: readonly number[];
  /** Over, and not looked at since. */
  readonly unseen: readonly number[];
}

const NONE: JobNews = { atWork: [], unseen: [] };
/** As many as one page of jobs; older ones are history. */
const MOST = 50;

export const jobNews = createStore<JobNews>(NONE);
let key = "";

function ids(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((each) => Number.isInteger(each)).slice(-MOST) as number[] : [];
}

function stored(): JobNews {
  try {
    const { atWork, unseen } = JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, unknown>;
    return { atWork: ids(atWork), unseen: ids(unseen) };
  } catch {
    return NONE;
  }
}

/** Takes up the news of one person, and what other tabs do with it. Returns the way to stop. */
export function followNews(user: number): () => void {
  key = `titan.jobs.${user}`;
  jobNews.set(stored());
  const onStorage = (event: StorageEvent) => {
    if (event.key === key) jobNews.set(stored());
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}

export function setNews(news: JobNews): void {
  jobNews.set(news);
  try {
    localStorage.setItem(key, JSON.stringify(news));
  } catch {
    // Full or forbidden: the news then lasts as long as the page.
  }
}

/** What the newest list of jobs changes, and the jobs that have ended since the last one. */
export function afterList(
  news: JobNews,
  jobs: readonly Job[],
  isLookedAt: (job: Job) => boolean,
): { readonly news: JobNews; readonly ended: readonly Job[]; readonly elsewhere: readonly Job[] } {
  const working = jobs.filter((job) => !isOver(job)).map(({ id }) => id);
  const ended = jobs.filter((job) => isOver(job) && news.atWork.includes(job.id));
  const elsewhere = ended.filter((job) => !isLookedAt(job));
  const over = new Set(ended.map(({ id }) => id));
  const atWork = [...new Set([...news.atWork, ...working])].filter((id) => !over.has(id)).slice(-MOST);
  const unseen = [...new Set([...news.unseen, ...elsewhere.map(({ id }) => id)])].slice(-MOST);
  const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((id, at) => id === b[at]);
  const unchanged = same(atWork, news.atWork) && same(unseen, news.unseen);
  return { news: unchanged ? news : { atWork, unseen }, ended, elsewhere };
}
