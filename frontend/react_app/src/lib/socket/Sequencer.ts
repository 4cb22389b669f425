import type { Event } from "../api";

interface Options {
  deliver: (event: Event) => void;
  /** The events of the stream after this number, oldest first. */
  fetchAfter: (stream: string, seq: number) => Promise<Event[]>;
  /** Events are lost for good: whoever shows this stream's state must ask for it anew. */
  onLoss: () => void;
}

/**
 * Puts one stream's events in order: delivers each number once, drops what it has seen, and fills a gap from the
 * server's log before it goes on. The first event heard sets where the count begins.
 */
export class Sequencer {
  private last: number | null = null;
  private held: Event[] = [];
  private filling = false;

  constructor(private readonly options: Options) {}

  /** The number of the last event delivered; null before the first. */
  place(): number | null {
    return this.last;
  }

  receive(event: Event): void {
    if (this.filling) {
      this.held.push(event);
    } else if (this.last === null || event.seq === this.last + 1) {
      this.deliver(event);
    } else if (event.seq > this.last) {
      this.held.push(event);
      void this.fill(event.stream, this.last);
    }
    // A number at or below the last one is a repetition.
  }

  private deliver(event: Event): void {
    this.last = event.seq;
    this.options.deliver(event);
  }

  private async fill(stream: string, after: number): Promise<void> {
    this.filling = true;
    let missed: Event[] = [];
    try {
      missed = await this.options.fetchAfter(stream, after);
    } catch {
      // The log can't be had either; what was held still tells the newest state.
    }
    const events = [...missed, ...this.held].sort((a, b) => a.seq - b.seq);
    this.held = [];
    this.filling = false;
    let lost = false;
    for (const event of events) {
      if (this.last !== null && event.seq <= this.last) continue;
      lost ||= this.last !== null && event.seq !== this.last + 1;
      this.deliver(event);
    }
    if (lost) this.options.onLoss();
  }
}
