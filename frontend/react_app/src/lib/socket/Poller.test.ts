import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Event } from "../api";
import { Poller, type Page } from "./Poller";

const event = (stream: string, seq: number): Event => ({ stream, seq, type: "job_update", timestamp: "", data: {} });

function setUp() {
  const seen: string[] = [];
  const asked: { stream: string; after: number | null; signal: AbortSignal; answer: (page: Page) => void; fail: () => void }[] = [];
  const poller = new Poller({
    page: (stream, after, signal) =>
      new Promise((resolve, reject) => {
        asked.push({ stream, after, signal, answer: resolve, fail: () => reject(new Error("offline")) });
      }),
    receive: (stream, { seq }) => seen.push(`${stream}:${seq}`),
  });
  return { poller, seen, asked };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("following by requests that wait", () => {
  it("asks on from what it has heard", async () => {
    const { poller, seen, asked } = setUp();
    poller.follow(new Map([["job_1", 4]]));
    expect(asked[0]!.after).toBe(4);
    asked[0]!.answer({ results: [event("job_1", 5), event("job_1", 6)], last_seq: 6 });
    await settle();
    expect(seen).toEqual(["job_1:5", "job_1:6"]);
    expect(asked[1]!.after).toBe(6);
    asked[1]!.answer({ results: [], last_seq: 6 });
    await settle();
    expect(asked[2]!.after).toBe(6);
  });

  it("begins with the newest where it stands nowhere", () => {
    const { poller, asked } = setUp();
    poller.follow(new Map([["user", null]]));
    expect(asked[0]).toMatchObject({ stream: "user", after: null });
  });

  it("leaves connections for everything else", () => {
    const { poller, asked } = setUp();
    poller.follow(new Map(["user", "job_1", "job_2", "job_3", "job_4"].map((name) => [name, null])));
    expect(asked.map(({ stream }) => stream)).toEqual(["user", "job_1", "job_2"]);
  });

  it("tries again later when a request fails", async () => {
    const { poller, asked } = setUp();
    poller.follow(new Map([["job_1", 4]]));
    asked[0]!.fail();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked[1]!.after).toBe(4);
  });

  it("hears nothing more once it was stopped", async () => {
    const { poller, seen, asked } = setUp();
    poller.follow(new Map([["job_1", 4]]));
    poller.stop();
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.answer({ results: [event("job_1", 5)], last_seq: 5 });
    await settle();
    expect(seen).toEqual([]);
    expect(asked).toHaveLength(1);
  });
});
