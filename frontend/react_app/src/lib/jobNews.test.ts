import { afterEach, describe, expect, it, vi } from "vitest";

import { makeJob } from "@/testing/fixtures";

import { afterList, followNews, jobNews, setNews } from "./jobNews";

afterEach(() => {
  vi.restoreAllMocks();
});

const nobodyLooks = () => false;
const over = (id: number) => makeJob({ id, status: "COMPLETED" });

describe("news of jobs", () => {
  it("is only the end of what was seen at work", () => {
    const first = afterList({ atWork: [], unseen: [] }, [makeJob({ id: 1 }), over(2)], nobodyLooks);
    expect(first.news).toEqual({ atWork: [1], unseen: [] });
    expect(first.ended).toEqual([]);
    const second = afterList(first.news, [over(1), over(2)], nobodyLooks);
    expect(second.elsewhere.map(({ id }) => id)).toEqual([1]);
    expect(second.news).toEqual({ atWork: [], unseen: [1] });
    const third = afterList(second.news, [over(1), over(2)], nobodyLooks);
    expect(third.ended).toEqual([]);
    expect(third.news).toBe(second.news);
  });

  it("is none of what is looked at", () => {
    const { news, ended, elsewhere } = afterList({ atWork: [1], unseen: [] }, [over(1)], () => true);
    expect([ended.length, elsewhere.length]).toEqual([1, 0]);
    expect(news).toEqual({ atWork: [], unseen: [] });
  });

  it("survives a reload, for the same person only", () => {
    followNews(3)();
    setNews({ atWork: [5], unseen: [4] });
    followNews(9)();
    expect(jobNews.get()).toEqual({ atWork: [], unseen: [] });
    followNews(3)();
    expect(jobNews.get()).toEqual({ atWork: [5], unseen: [4] });
  });

  it("follows what another tab has seen, and bears nonsense", () => {
    const stop = followNews(3);
    setNews({ atWork: [], unseen: [4] });
    localStorage.setItem("titan.jobs.3", JSON.stringify({ atWork: [6, "x", 1.5], unseen: "all" }));
    window.dispatchEvent(new StorageEvent("storage", { key: "titan.jobs.3" }));
    expect(jobNews.get()).toEqual({ atWork: [6], unseen: [] });
    localStorage.setItem("titan.jobs.3", "{");
    window.dispatchEvent(new StorageEvent("storage", { key: "titan.jobs.3" }));
    expect(jobNews.get()).toEqual({ atWork: [], unseen: [] });
    stop();
  });
});
