import { describe, expect, it } from "vitest";

import { makeJob } from "@/testing/fixtures";

import { makeQueryClient } from "../queryClient";
import { jobOf, jobQuery, jobsQuery, putJob } from "./jobs";

const page = (...results: ReturnType<typeof makeJob>[]) => ({ count: results.length, next: null, previous: null, results });

describe("news of a job", () => {
  it("reaches the job and every list that shows it", () => {
    const client = makeQueryClient();
    const all = jobsQuery().queryKey;
    client.setQueryData(all, page(makeJob({ id: 2 }), makeJob()));
    expect(putJob(client, makeJob({ progress: 0.5 }))).toBe(true);
    expect(client.getQueryData(jobQuery(1).queryKey)?.progress).toBe(0.5);
    expect(client.getQueryData(all)?.results.map(({ progress }) => progress)).toEqual([0.25, 0.5]);
  });

  it("is none when it comes after the end", () => {
    const client = makeQueryClient();
    putJob(client, makeJob({ status: "COMPLETED", progress: 1 }));
    expect(putJob(client, makeJob({ progress: 0.9 }))).toBe(false);
    expect(client.getQueryData(jobQuery(1).queryKey)?.status).toBe("COMPLETED");
  });

  it("makes lists ask again when a job is new or changes its status, and only then", () => {
    const client = makeQueryClient();
    const all = jobsQuery().queryKey;
    const stale = () => client.getQueryState(all)?.isInvalidated;
    client.setQueryData(all, page(makeJob({ id: 2 })));
    putJob(client, makeJob());
    expect(stale()).toBe(true);
    client.setQueryData(all, page(makeJob()));
    putJob(client, makeJob({ progress: 0.5 }));
    expect(stale()).toBe(false);
    putJob(client, makeJob({ status: "COMPLETED" }));
    expect(stale()).toBe(true);
  });

  it("is only in events that carry it", () => {
    const event = { stream: "user_1", seq: 1, timestamp: "", data: { ...makeJob() } };
    expect(jobOf({ ...event, type: "job_update" })?.id).toBe(1);
    expect(jobOf({ ...event, type: "subscribed" })).toBeNull();
  });
});
