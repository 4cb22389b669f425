import type { Event } from "../api";
import { Poller, type Page } from "./Poller";
import { Sequencer } from "./Sequencer";
import { keyOfStream, parseEnvelope, streamKey, type Subscription } from "./streams";

export type SocketState = "idle" | "connecting" | "open" | "waiting" | "refused";

export interface Follower {
  onEvent: (event: Event) => void;
  /** The server said no to the subscription. */
  onError?: (problem: { code: string; message: string }) => void;
  /** Events are lost: ask for the state anew. */
  onLoss?: () => void;
}

interface Stream {
  subscription: Subscription;
  followers: Set<Follower>;
  sequencer: Sequencer;
}

export interface SocketOptions {
  url: () => string;
  ticket: () => Promise<string>;
  fetchAfter: (stream: string, seq: number) => Promise<Event[]>;
  /** Requests that wait for news, for when no socket comes through. */
  page?: (stream: string, after: number | null, signal: AbortSignal) => Promise<Page>;
  open?: (url: string, protocols: string[]) => WebSocket;
  random?: () => number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const PING_MS = 25_000;
const PONG_MS = 10_000;
/** A connection this old was a good one: the next failure starts from the first wait. */
const STEADY_MS = 10_000;
const FOREIGN_ORIGIN = 4403;
/** Failures in a row after which requests that wait stand in, while the socket is tried on. */
const BLOCKED_AFTER = 3;

/**
 * One socket for everything a page follows. Each connection uses a fresh single-use ticket; after a fall it comes back
 * with growing, jittered waits, subscribes again, and picks every stream up where it stopped.
 */
export class SocketClient {
  private readonly streams = new Map<string, Stream>();
  private readonly listeners = new Set<() => void>();
  private socket: WebSocket | null = null;
  private current: SocketState = "idle";
  private failures = 0;
  private openedAt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  /** Tells an answer for this connection from one for a connection given up meanwhile. */
  private generation = 0;
  private readonly poller: Poller | null;

  constructor(private readonly options: SocketOptions) {
    const receive = (key: string, event: Event) => this.streams.get(key)?.sequencer.receive(event);
    this.poller = options.page ? new Poller({ page: options.page, receive }) : null;
  }

  state = (): SocketState => this.current;

  onState = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Follows a stream until the function returned is called. */
  follow(subscription: Subscription, follower: Follower): () => void {
    const key = streamKey(subscription);
    let stream = this.streams.get(key);
    if (!stream) {
      stream = { subscription, followers: new Set(), sequencer: this.sequencerFor(key) };
      this.streams.set(key, stream);
      this.send({ type: "subscribe", ...subscription });
    }
    stream.followers.add(follower);
    this.wake();
    this.standIn();
    return () => this.leave(key, follower);
  }

  /** Tries at once: the network is back, or somebody has logged in. */
  wake(): void {
    if (this.streams.size === 0 || this.current === "connecting" || this.current === "open") return;
    clearTimeout(this.retryTimer);
    void this.connect();
  }

  /** Ends the connection and forgets every stream's place. */
  stop(): void {
    this.generation += 1;
    this.poller?.stop();
    clearTimeout(this.retryTimer);
    clearTimeout(this.pingTimer);
    this.socket?.close(1000);
    this.socket = null;
    this.failures = 0;
    for (const [key, stream] of this.streams) stream.sequencer = this.sequencerFor(key);
    this.become("idle");
  }

  private leave(key: string, follower: Follower): void {
    const stream = this.streams.get(key);
    stream?.followers.delete(follower);
    if (!stream || stream.followers.size > 0) return;
    this.streams.delete(key);
    this.send({ type: "unsubscribe", ...stream.subscription });
    if (this.streams.size === 0) this.stop();
    else this.standIn();
  }

  private sequencerFor(key: string): Sequencer {
    const each = (tell: (follower: Follower) => void) => {
      for (const follower of this.streams.get(key)?.followers ?? []) tell(follower);
    };
    return new Sequencer({
      deliver: (event) => each((follower) => follower.onEvent(event)),
      fetchAfter: this.options.fetchAfter,
      onLoss: () => each((follower) => follower.onLoss?.()),
    });
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation;
    this.become("connecting");
    let ticket: string;
    try {
      ticket = await this.options.ticket();
    } catch {
      if (generation === this.generation) this.retryLater();
      return;
    }
    if (generation !== this.generation) return;
    const open = this.options.open ?? ((url, protocols) => new WebSocket(url, protocols));
    const socket = open(this.options.url(), ["titan.v1", `ticket.${ticket}`]);
    this.socket = socket;
    socket.onopen = () => generation === this.generation && this.opened();
    socket.onmessage = (message: MessageEvent<unknown>) => generation === this.generation && this.received(message.data);
    socket.onclose = (close) => generation === this.generation && this.closed(close.code);
  }

  private opened(): void {
    this.openedAt = Date.now();
    this.become("open");
    this.poller?.stop();
    for (const { subscription } of this.streams.values()) this.send({ type: "subscribe", ...subscription });
    this.schedulePing();
  }

  private received(data: unknown): void {
    this.schedulePing();
    let message: unknown;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    if ((message as { type?: unknown } | null)?.type === "error") {
      this.tellError((message as { data?: unknown }).data);
      return;
    }
    const event = parseEnvelope(message);
    if (event) this.streams.get(keyOfStream(event.stream))?.sequencer.receive(event);
  }

  private tellError(data: unknown): void {
    const about = (data ?? {}) as Record<string, unknown>;
    const { code, message } = about;
    const problem = {
      code: typeof code === "string" ? code : "error",
      message: typeof message === "string" ? message : "The server refused to send updates.",
    };
    // The error names the subscription it answers; one that names none concerns nobody in particular.
    for (const { subscription, followers } of this.streams.values()) {
      if (!Object.entries(subscription).every(([name, value]) => about[name] === value)) continue;
      for (const follower of followers) follower.onError?.(problem);
    }
  }

  private closed(code: number): void {
    clearTimeout(this.pingTimer);
    this.socket = null;
    if (code === FOREIGN_ORIGIN) {
      // Trying again would be refused again; screens ask by themselves while the socket is not open.
      this.become("refused");
      this.standIn();
      return;
    }
    if (this.current === "open" && Date.now() - this.openedAt > STEADY_MS) this.failures = 0;
    this.retryLater();
  }

  private retryLater(): void {
    this.become("waiting");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    this.standIn();
    // Between half and all of the wait: a thousand clients of a restarted server must not come back as one.
    const wait = longest * (0.5 + 0.5 * (this.options.random ?? Math.random)());
    this.retryTimer = setTimeout(() => void this.connect(), wait);
  }

  /** Follows by requests that wait, where the socket does not come through. */
  private standIn(): void {
    const blocked = this.current === "refused" || (this.current !== "open" && this.failures >= BLOCKED_AFTER);
    if (blocked) this.poller?.follow(new Map([...this.streams].map(([key, { sequencer }]) => [key, sequencer.place()])));
  }

  private schedulePing(): void {
    clearTimeout(this.pingTimer);
    this.pingTimer = setTimeout(() => {
      this.send({ type: "ping" });
      // Anything heard re-arms the timer; silence means that the line is dead, however open it looks.
      this.pingTimer = setTimeout(() => this.socket?.close(), PONG_MS);
    }, PING_MS);
  }

  private send(message: object): void {
    if (this.socket && this.current === "open") this.socket.send(JSON.stringify(message));
  }

  private become(state: SocketState): void {
    if (state === this.current) return;
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}
