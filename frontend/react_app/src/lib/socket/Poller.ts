import type { Event } from "../api";

export interface Page {
  results: Event[];
  last_seq: number;
}

export interface PollerOptions {
  /** The events after a number, as soon as there are any; without one, the newest now. */
  page: (stream: string, after: number | null, signal: AbortSignal) => Promise<Page>;
  receive: (stream: string, event: Event) => void;
}

/** A browser opens six connections to a host; those that wait must leave some for everything else. */
const MOST = 3;
const RETRY_MS = 5_000;

/** Follows streams by requests that wait for news: for networks that let no socket through. */
export class Poller {
  private readonly polls = new Map<string, AbortController>();

  constructor(private readonly options: PollerOptions) {}

  /** Follows these streams from where each stands, the first few of them; those not named are left. */
  follow(streams: ReadonlyMap<string, number | null>): void {
    for (const [name, controller] of this.polls) {
      if (streams.has(name)) continue;
      controller.abort();
      this.polls.delete(name);
    }
    for (const [name, after] of streams) {
      if (this.polls.has(name) || this.polls.size >= MOST) continue;
      const controller = new AbortController();
      this.polls.set(name, controller);
      void this.poll(name, after, controller.signal);
    }
  }

  stop(): void {
    this.follow(new Map());
  }

  private async poll(stream: string, from: number | null, signal: AbortSignal): Promise<void> {
    let after = from;
    // asked anew each time: it changes while a request is waited for
    const isOver = () => signal.aborted;
    while (!isOver()) {
      try {
        const page = await this.options.page(stream, after, signal);
        if (isOver()) return;
        for (const event of page.results) this.options.receive(stream, event);
        after = page.last_seq;
      } catch {
        if (isOver()) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
