import { describe, expect, it } from "vitest";

import { band, barsBetween, firstCommonBar, moveWindow, nearestBar, rebase, runs, toLine, toSeconds } from "./shaping";

const DAY = 86_400;
const days = (count: number) => Array.from({ length: count }, (_, index) => Date.UTC(2020, 0, 1) / 1000 + index * DAY);

describe("lines", () => {
  it("turns instants into seconds and nulls into gaps that keep their bar", () => {
    expect(toSeconds(["1970-01-02T00:00:00Z"])).toEqual([DAY]);
    expect(toLine([1, 2, 3], [5, null, Number.NaN])).toEqual([{ time: 1, value: 5 }, { time: 2 }, { time: 3 }]);
  });

  it("rebases to 100 at the base bar", () => {
    expect(rebase([50, 100, null, 25], 1)).toEqual([50, 100, null, 25]);
    expect(rebase([50, 75, null], 0)).toEqual([100, 150, null]);
  });

  it("gives nothing where the base bar has no usable price", () => {
    expect(rebase([null, 5], 0)).toEqual([null, null]);
    expect(rebase([0, 5], 0)).toEqual([null, null]);
    expect(rebase([1, 5], -1)).toEqual([null, null]);
  });

  it("finds the first bar both legs have, from where it is asked", () => {
    expect(firstCommonBar([[null, 1, 2, 3], [4, null, 5, 6]])).toBe(2);
    expect(firstCommonBar([[null, 1, 2, 3], [4, null, 5, 6]], 3)).toBe(3);
    expect(firstCommonBar([[null, 1], [1, null]])).toBe(-1);
  });

  it("draws a band only where mean and deviation are known", () => {
    expect(band([1, null, 3], [0.5, 1, null], 2)).toEqual([2, null, null]);
    expect(band([1], [0.5], -2)).toEqual([0]);
  });
});

describe("runs", () => {
  it("finds each stretch of true, edges included", () => {
    expect(runs([true, false, true, true])).toEqual([
      { first: 0, last: 0 },
      { first: 2, last: 3 },
    ]);
    expect(runs([false, false])).toEqual([]);
    expect(runs([])).toEqual([]);
  });
});

describe("windows", () => {
  it("finds the nearest bar, ties to the earlier", () => {
    const bars = [0, 10, 20];
    expect([-5, 4, 5, 6, 14, 99].map((time) => nearestBar(bars, time))).toEqual([0, 0, 0, 1, 1, 2]);
    expect(nearestBar([], 3)).toBe(-1);
  });

  it("takes both days in, and all bars where none lies inside", () => {
    const bars = days(10);
    expect(barsBetween(bars, "2020-01-03", "2020-01-05")).toEqual({ first: 2, last: 4 });
    expect(barsBetween(bars, undefined, "2020-01-05")).toEqual({ first: 0, last: 4 });
    expect(barsBetween(bars, "2020-01-03", undefined)).toEqual({ first: 2, last: 9 });
    expect(barsBetween(bars, "2021-01-01", undefined)).toEqual({ first: 0, last: 9 });
    expect(barsBetween(bars, "2020-01-05", "2020-01-03")).toEqual({ first: 0, last: 9 });
    expect(barsBetween([], undefined, undefined)).toEqual({ first: 0, last: 0 });
  });

  it("pans inside the data without changing width", () => {
    expect(moveWindow({ first: 50, last: 99 }, 200, { shift: -20 })).toEqual({ first: 30, last: 79 });
    expect(moveWindow({ first: 50, last: 99 }, 200, { shift: -500 })).toEqual({ first: 0, last: 49 });
    expect(moveWindow({ first: 50, last: 99 }, 200, { shift: 500 })).toEqual({ first: 150, last: 199 });
  });

  it("zooms about the right edge, between ten bars and all of them", () => {
    expect(moveWindow({ first: 0, last: 99 }, 200, { zoom: 0.5 })).toEqual({ first: 50, last: 99 });
    expect(moveWindow({ first: 0, last: 11 }, 200, { zoom: 0.1 })).toEqual({ first: 2, last: 11 });
    expect(moveWindow({ first: 50, last: 99 }, 200, { zoom: 100 })).toEqual({ first: 0, last: 199 });
    expect(moveWindow({ first: 0, last: 3 }, 4, { zoom: 0.5 })).toEqual({ first: 0, last: 3 });
  });
});
