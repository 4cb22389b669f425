import { describe, expect, it } from "vitest";

import { makeJob } from "@/testing/fixtures";
import { makeScan, makeUniverse, makeWatched } from "@/testing/deskFixtures";

import { aboutCount, scaleEnd, shares, stateWords } from "./scanRows";
import { axisOf, realFirst, spanOf } from "./spans";
import { TILES, tilesFor } from "./tiles";
import { byNearness, commonDay, heightOf, isInSample, sharedReach, standing, standingWords, stripPath, thresholdWords } from "./zStrip";

describe("watched pairs", () => {
  it("stand in the order of their distance to entry, the unknown last", () => {
    const z = [0.2, null, -2.4, 1.9].map((z_score, id) => makeWatched({ id, z_score }));
    expect(byNearness(z).map(({ pair }) => pair.id)).toEqual([2, 3, 0, 1]);
  });

  it("are told by where they stand between the levels, on both sides", () => {
    const said = (z_score: number | null) => standingWords(makeWatched({ z_score }));
    expect([2, -2.01, 1.4, -0.5, 0, null].map(said)).toEqual([
      "beyond entry",
      "beyond entry",
      "0.60 to entry",
      "within exit",
      "within exit",
      "no z-score yet",
    ]);
    expect(standing(makeWatched({ z_score: -3, entry_z: 3.5 }))).toBe("between");
  });

  it("share one scale that shows every entry line, and bounds what runs away", () => {
    expect(sharedReach([makeWatched({ sparkline: [0, -3.1] }), makeWatched()])).toBe(3.1);
    expect(sharedReach([makeWatched({ sparkline: [0.1, null] })])).toBe(2.5);
    expect(sharedReach([makeWatched({ sparkline: [40] })])).toBe(5);
    expect([4, 0, -4, 9, -9].map((each) => heightOf(each, 4, 32))).toEqual([0, 16, 32, 0, 32]);
  });

  it("are drawn with their gaps", () => {
    expect(stripPath([0, 4, null, -4, 9], 4, 100, 32)).toBe("M0.0 16.0L25.0 0.0M75.0 32.0L100.0 0.0");
    expect(stripPath([], 4, 100, 32)).toBe("");
  });

  it("say their thresholds and their last day once where all have the same", () => {
    expect(thresholdWords([makeWatched(), makeWatched()])).toBe("Dashed: entry ±2. Shaded: exit ±0.5.");
    expect(thresholdWords([makeWatched(), makeWatched({ entry_z: 1 })])).toBe("Dashed: entry. Shaded: exit.");
    expect(thresholdWords([])).toBeNull();
    expect(commonDay([makeWatched(), makeWatched()])).toBe("2022-12-28");
    expect(commonDay([makeWatched(), makeWatched({ as_of: "2022-12-27T21:00:00Z" })])).toBeNull();
    expect(commonDay([makeWatched({ as_of: null })])).toBeNull();
  });
});

describe("a strip", () => {
  it("is in sample until a bar comes that the fit has not seen", () => {
    const fitted = (fit_end: string) => ({ as_of: "2022-12-28T21:00:00Z", pair: { fit_end } });
    expect(isInSample(fitted("2022-12-28T21:00:00Z"))).toBe(true);
    expect(isInSample(fitted("2022-12-27T21:00:00Z"))).toBe(false);
    expect(isInSample({ ...fitted("2022-12-28T21:00:00Z"), as_of: null })).toBe(false);
  });
});

describe("last scans", () => {
  it("stand beside what chance alone gives, on a round scale for all", () => {
    expect(shares(makeScan())).toEqual({ found: 18 / 190, chance: 0.05 });
    expect(shares(makeScan({ n_tests: 0 }))).toBeNull();
    expect(shares(makeScan({ completed_at: null }))).toBeNull();
    expect(scaleEnd([makeScan()])).toBe(0.1);
    expect(scaleEnd([makeScan(), makeScan({ n_nominal: 70 })])).toBe(0.5);
    expect(scaleEnd([])).toBe(0.1);
  });

  it("round means as they are meant", () => {
    expect([0, 0.2, 9.5, 59.5, null].map(aboutCount)).toEqual(["0", "0.2", "9.5", "60", "–"]);
  });

  it("say what became of those without a result", () => {
    const said = (given: Parameters<typeof makeJob>[0]) => stateWords(makeScan({ completed_at: null, job: makeJob(given) }));
    expect(said({})).toBe("Running 25 %");
    expect(said({ status: "PENDING" })).toBe("Waiting");
    expect(said({ status: "FAILED" })).toBe("Failed");
    expect(stateWords(makeScan({ completed_at: null }))).toBe("No result");
    expect(stateWords(makeScan())).toBeNull();
  });
});

describe("prices", () => {
  const now = Date.parse("2026-01-02T21:00:00Z");
  const made = makeUniverse({ id: 2, source: "synthetic", coverage: { first: "2008-01-02T21:00:00Z", last: "2026-01-02T21:00:00Z", n_bars: 1 } });
  const empty = makeUniverse({ id: 3, coverage: { first: null, last: null, n_bars: 0 } });

  it("span their years on one axis, real ones first", () => {
    const axis = axisOf([made, makeUniverse(), empty], now);
    expect(axis).toEqual({ start: Date.parse("1990-01-02T21:00:00Z"), end: now });
    expect(spanOf(made, axis!)).toEqual({ from: expect.closeTo(0.5, 3) as number, to: 1 });
    expect(spanOf(empty, axis!)).toBeNull();
    expect(axisOf([empty], now)).toBeNull();
    expect(realFirst([made, makeUniverse()]).map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe("the registry", () => {
  it("gives each tile once, and only to those who may see it", () => {
    const ids = TILES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(tilesFor(["trading.view_scan"], "main").map(({ id }) => id)).toEqual(["scans"]);
    expect(tilesFor([], "main")).toEqual([]);
  });
});
