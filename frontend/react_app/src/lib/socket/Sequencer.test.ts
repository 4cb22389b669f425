import { describe, expect, it, vi } from "vitest";

import type { Event } from "../api";
import { Sequencer } from "./Sequencer";

const event = (seq: number): Event => ({ stream: "job_1", seq, type: "job_update", timestamp: "", data: { seq } });

function setUp(log: number[] = []) {
  const seen: number[] = [];
  const onLoss = vi.fn();
  const fetchAfter = vi.fn((_stream: string, after: number) =>
    Promise.resolve(log.filter((seq) => seq > after).map(event)),
  );
  const sequencer = new Sequencer({ deliver: ({ seq }) => seen.push(seq), fetchAfter, onLoss });
  const receive = (...seqs: number[]) => seqs.forEach((seq) => sequencer.receive(event(seq)));
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { seen, onLoss, fetchAfter, receive, settle };
}

describe("the order of a stream's events", () => {
  it("begins where the first event stands", () => {
    const { seen, receive, fetchAfter } = setUp();
    receive(41, 42, 43);
    expect(seen).toEqual([41, 42, 43]);
    expect(fetchAfter).not.toHaveBeenCalled();
  });

  it("drops repetitions", () => {
    const { seen, receive } = setUp();
    receive(1, 2, 2, 1, 3, 3);
    expect(seen).toEqual([1, 2, 3]);
  });

  it("fills a gap from the log before it goes on", async () => {
    const { seen, receive, fetchAfter, onLoss, settle } = setUp([1, 2, 3, 4, 5, 6]);
    receive(1, 5);
    expect(seen).toEqual([1]);
    receive(6, 7);
    await settle();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(fetchAfter).toHaveBeenCalledExactlyOnceWith("job_1", 1);
    expect(onLoss).not.toHaveBeenCalled();
  });

  it("ends in the same state whatever is lost on the way", async () => {
    const all = Array.from({ length: 60 }, (_, index) => index + 1);
    const { seen, receive, settle } = setUp(all);
    // Every third is lost, every fifth comes twice; the last one arrives.
    for (const seq of all) {
      if (seq % 3 !== 0 || seq === 60) receive(seq);
      if (seq % 5 === 0) receive(seq);
      await settle();
    }
    expect(seen).toEqual(all);
  });

  it("goes on with what it has, and says so, when the log has forgotten", async () => {
    const { seen, receive, onLoss, settle } = setUp([6, 7]);
    receive(1, 7);
    await settle();
    expect(seen).toEqual([1, 6, 7]);
    expect(onLoss).toHaveBeenCalledOnce();
  });

  it("goes on when the log can't be had", async () => {
    const { seen, receive, onLoss, fetchAfter, settle } = setUp();
    fetchAfter.mockRejectedValueOnce(new Error("offline"));
    receive(1, 4, 5);
    await settle();
    receive(6);
    expect(seen).toEqual([1, 4, 5, 6]);
    expect(onLoss).toHaveBeenCalledOnce();
  });
});
