import { describe, expect, it } from "vitest";

import { makeJob } from "@/testing/fixtures";

import { isOnScreen, subjectHref } from "./jobWords";

describe("what is on screen", () => {
  const scan = makeJob({ subject: { type: "scan", id: 12 } });

  it("is the very scan of the address, whatever else stands there", () => {
    expect(isOnScreen(scan, { pathname: "/pair-finder", search: { scan: 12, all: true } })).toBe(true);
    expect(isOnScreen(scan, { pathname: "/pair-finder", search: { scan: 13 } })).toBe(false);
    expect(isOnScreen(scan, { pathname: "/pair-finder", search: {} })).toBe(false);
    expect(isOnScreen(scan, { pathname: "/pair", search: { scan: 12 } })).toBe(false);
  });

  it("is an upload's report only where that is open", () => {
    const upload = makeJob({ kind: "ingest", subject: { type: "ingestion", id: 3 } });
    expect(isOnScreen(upload, { pathname: "/data", search: { view: "uploads", ingestion: 3 } })).toBe(true);
    expect(isOnScreen(upload, { pathname: "/data", search: { view: "uploads" } })).toBe(false);
    expect(isOnScreen(makeJob({ subject: null }), { pathname: "/jobs", search: {} })).toBe(false);
  });
});

describe("the page of a thing that alerts are about", () => {
  it("is a pair's own by its number, and nothing for what has none", () => {
    expect(subjectHref({ type: "tradingpair", id: 4 })).toBe("/pairs/4");
    expect(subjectHref({ type: "share", id: 4 })).toBeNull();
    expect(subjectHref(null)).toBeNull();
  });
});
