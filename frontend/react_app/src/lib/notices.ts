import { createStore } from "./store";

/** Short messages to the person at the screen: shown for a while, and read out politely. */
export interface Notice {
  id: number;
  tone: "plain" | "good" | "bad";
  title: string;
  text?: string;
  /** Where it leads: an address of this application, and what to call it. */
  link?: { href: string; label: string };
}

/** Most notices on screen at once; older ones go first. */
const MOST = 4;

export const noticeStore = createStore<readonly Notice[]>([]);
let nextId = 1;

export function notify(notice: Omit<Notice, "id">): void {
  noticeStore.set([...noticeStore.get(), { ...notice, id: nextId }].slice(-MOST));
  nextId += 1;
}

export function dismiss(id: number): void {
  noticeStore.set(noticeStore.get().filter((each) => each.id !== id));
}
