/** Short messages to the person at the screen: shown for a while, and read out politely. */
export interface Notice {
  id: number;
  tone: "plain" | "good" | "bad";
  title: string;
  text?: string;
  /** Where it leads: an address of this application, and what to call it. */
  link?: { href: string; label: string };
}

let notices: readonly Notice[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function replace(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Most notices on screen at once; older ones go first. */
const MOST = 4;

export function notify(notice: Omit<Notice, "id">): void {
  const added = { ...notice, id: nextId };
  nextId += 1;
  replace([...notices, added].slice(-MOST));
}

export function dismiss(id: number): void {
  replace(notices.filter((each) => each.id !== id));
}

export const noticeStore = {
  get: (): readonly Notice[] => notices,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
