import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Event } from "../api";
import { SocketClient } from "./SocketClient";

class FakeSocket {
  static opened: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.opened.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
    this.drop(1000);
  }

  drop(code = 1006) {
    this.onclose?.({ code });
  }

  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

type FetchAfter = (stream: string, after: number) => Promise<Event[]>;

const jobEvent = (seq: number): Event => ({ stream: "job_5", seq, type: "job_update", timestamp: "", data: { seq } });

function setUp(fetchAfter = vi.fn<FetchAfter>().mockResolvedValue([])) {
  let tickets = 0;
  const ticket = vi.fn(() => Promise.resolve(`t${(tickets += 1)}`));
  const client = new SocketClient({
    url: () => "ws://here/ws/trading-data/",
    ticket,
    fetchAfter,
    open: (url, protocols) => new FakeSocket(url, protocols) as unknown as WebSocket,
    random: () => 1,
  });
  const seqs: number[] = [];
  const follower = { onEvent: ({ seq }: Event) => seqs.push(seq), onError: vi.fn(), onLoss: vi.fn() };
  return { client, ticket, follower, seqs, fetchAfter };
}

const newest = () => FakeSocket.opened.at(-1)!;

async function connected(client: SocketClient) {
  await vi.advanceTimersByTimeAsync(0);
  newest().onopen?.();
  expect(client.state()).toBe("open");
}

beforeEach(() => {
  FakeSocket.opened = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the socket", () => {
  it("opens for the first follower, with a ticket, and subscribes", async () => {
    const { client, follower } = setUp();
    expect(client.state()).toBe("idle");
    client.follow({ job_id: 5 }, follower);
    client.follow({ stream: "user" }, follower);
    await connected(client);
    expect(FakeSocket.opened).toHaveLength(1);
    expect(newest().protocols).toEqual(["titan.v1", "ticket.t1"]);
    expect(newest().sent).toEqual([
      { type: "subscribe", job_id: 5 },
      { type: "subscribe", stream: "user" },
    ]);
  });

  it("delivers to the followers of the stream only, and closes after the last has left", async () => {
    const { client, follower, seqs } = setUp();
    const leave = client.follow({ job_id: 5 }, follower);
    await connected(client);
    newest().say(jobEvent(3));
    newest().say({ ...jobEvent(9), stream: "job_6" });
    newest().say({ type: "pong" });
    newest().onmessage?.({ data: "not json" });
    expect(seqs).toEqual([3]);
    leave();
    expect(newest().sent.at(-1)).toEqual({ type: "unsubscribe", job_id: 5 });
    expect(newest().closed).toBe(true);
    expect(client.state()).toBe("idle");
  });

  it("knows its own user's stream without knowing the id", async () => {
    const { client, follower, seqs } = setUp();
    client.follow({ stream: "user" }, follower);
    await connected(client);
    newest().say({ ...jobEvent(8), stream: "user_42" });
    expect(seqs).toEqual([8]);
  });

  it("comes back with a fresh ticket, subscribes again, and resumes where it stopped", async () => {
    const log = [1, 2, 3, 4, 5].map(jobEvent);
    const fetchAfter = vi.fn<FetchAfter>((_, after) => Promise.resolve(log.filter(({ seq }) => seq > after)));
    const { client, follower, seqs } = setUp(fetchAfter);
    client.follow({ job_id: 5 }, follower);
    await connected(client);
    newest().say(jobEvent(1));
    newest().say(jobEvent(2));
    newest().drop();
    expect(client.state()).toBe("waiting");
    await vi.advanceTimersByTimeAsync(500);
    await connected(client);
    expect(newest().protocols[1]).toBe("ticket.t2");
    expect(newest().sent).toEqual([{ type: "subscribe", job_id: 5 }]);
    // The snapshot: the newest event. What came between is fetched.
    newest().say(jobEvent(5));
    await vi.advanceTimersByTimeAsync(0);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    expect(fetchAfter).toHaveBeenCalledExactlyOnceWith("job_5", 2);
  });

  it("waits longer each time, never less than half of it, and never longer than half a minute", async () => {
    const { client, follower } = setUp();
    client.follow({ job_id: 5 }, follower);
    await vi.advanceTimersByTimeAsync(0);
    for (const wait of [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
      const before = FakeSocket.opened.length;
      newest().drop();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(FakeSocket.opened).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.opened).toHaveLength(before + 1);
    }
  });

  it("tries on when no ticket is to be had", async () => {
    const { client, follower, ticket } = setUp();
    ticket.mockRejectedValueOnce(new Error("offline"));
    client.follow({ job_id: 5 }, follower);
    await vi.advanceTimersByTimeAsync(0);
    expect(client.state()).toBe("waiting");
    client.wake();
    await connected(client);
  });

  it("lets requests that wait stand in while no socket comes through", async () => {
    const page = vi.fn(() => new Promise<{ results: Event[]; last_seq: number }>(() => undefined));
    const client = new SocketClient({
      url: () => "ws://here/ws/trading-data/",
      ticket: () => Promise.resolve("t"),
      fetchAfter: () => Promise.resolve([]),
      page,
      open: (url, protocols) => new FakeSocket(url, protocols) as unknown as WebSocket,
      random: () => 1,
    });
    client.follow({ job_id: 5 }, { onEvent: vi.fn() });
    await vi.advanceTimersByTimeAsync(0);
    for (const wait of [500, 1000]) {
      newest().drop();
      await vi.advanceTimersByTimeAsync(wait);
    }
    expect(page).not.toHaveBeenCalled();
    newest().drop();
    expect(page).toHaveBeenCalledExactlyOnceWith("job_5", null, expect.any(AbortSignal));
    const signal = (page.mock.calls[0] as unknown as [string, null, AbortSignal])[2];
    await vi.advanceTimersByTimeAsync(2000);
    await connected(client);
    expect(signal.aborted).toBe(true);
  });

  it("does not knock again at a door that refuses its origin", async () => {
    const { client, follower } = setUp();
    client.follow({ job_id: 5 }, follower);
    await connected(client);
    newest().drop(4403);
    expect(client.state()).toBe("refused");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.opened).toHaveLength(1);
  });

  it("drops a line that has gone silent", async () => {
    const { client, follower } = setUp();
    client.follow({ job_id: 5 }, follower);
    await connected(client);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(newest().sent.at(-1)).toEqual({ type: "ping" });
    newest().say({ type: "pong" });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(newest().closed).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(FakeSocket.opened[0]!.closed).toBe(true);
    expect(client.state()).not.toBe("open");
  });

  it("tells a refusal to the one it concerns", async () => {
    const { client, follower } = setUp();
    const other = { onEvent: vi.fn(), onError: vi.fn() };
    client.follow({ job_id: 5 }, follower);
    client.follow({ job_id: 6 }, other);
    await connected(client);
    newest().say({ type: "error", data: { code: "not_found", message: "Not yours.", job_id: 6 } });
    expect(other.onError).toHaveBeenCalledExactlyOnceWith({ code: "not_found", message: "Not yours." });
    expect(follower.onError).not.toHaveBeenCalled();
  });

  it("ignores a connection given up meanwhile", async () => {
    const { client, follower, seqs } = setUp();
    client.follow({ job_id: 5 }, follower);
    await connected(client);
    const old = newest();
    client.stop();
    old.say(jobEvent(1));
    old.drop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seqs).toEqual([]);
    expect(FakeSocket.opened).toHaveLength(1);
  });
});
