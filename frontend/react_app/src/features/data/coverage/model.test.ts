import { describe, expect, it } from "vitest";

import {
  cellWords,
  monthRows,
  monthState,
  monthWords,
  qualityPercent,
  qualityWords,
  stripPaths,
  stripWords,
  yearTicks,
} from "./model";

const quality = {
  months: ["2019-11", "2019-12", "2020-01", "2020-02"],
  symbols: [
    {
      ticker: "KO",
      counts: [0, 21, 20, 0],
      expected: [0, 21, 21, 19],
      quarantined: [0, 2, 0, 0],
      quality: 0.67,
      n_missing: 20,
      n_quarantined: 0,
      first: null,
      last: null,
    },
  ],
  quality: 0.67,
};
const [ko] = quality.symbols;

describe("a month", () => {
  it.each([
    [0, 0, "outside"],
    [0, 19, "missing"],
    [18, 19, "partial"],
    [19, 19, "full"],
    [20, 19, "full"],
  ] as const)("with %i of %i bars is %s", (count, expected, state) => {
    expect(monthState(count, expected)).toBe(state);
  });

  it("speaks", () => {
    expect(monthWords("2020-02")).toBe("Feb 2020");
    expect([cellWords(20, 21), cellWords(0, 19), cellWords(0, 0), cellWords(22, 21), cellWords(20, 21, 1)]).toEqual([
      "20 of 21 sessions",
      "no bar of 19 sessions",
      "outside its history",
      "22 bars, 21 sessions",
      "20 of 21 sessions; 1 row set aside",
    ]);
  });
});

describe("a strip", () => {
  it("draws full months full, gaps large enough to see, and a foot where nothing is", () => {
    expect(stripPaths(ko!)).toEqual({
      present: "M1 0h0.86v20h-0.86zM2 6h0.86v14h-0.86z",
      lacking: "M2 0h0.86v6h-0.86z",
      missing: "M3 14h0.86v6h-0.86z",
      aside: "M1 0h0.86v3h-0.86z",
    });
  });

  it("has words", () => {
    expect(stripWords(ko!)).toBe("1 month whole, 1 with gaps, 1 without a bar, 1 with rows set aside");
  });
});

describe("the table of months", () => {
  it("tells of gaps and of rows set aside, or of every month in a symbol's history", () => {
    expect(monthRows(quality, false).map(({ month, state }) => [month, state])).toEqual([
      ["2019-12", "full"],
      ["2020-01", "partial"],
      ["2020-02", "missing"],
    ]);
    expect(monthRows(quality, true)).toHaveLength(3);
  });
});

describe("the years of the axis", () => {
  it("stand where January is, thinned out when there are many", () => {
    expect(yearTicks(quality.months)).toEqual([{ year: "2020", at: 2 }]);
    const long = Array.from({ length: 33 * 12 }, (_, month) => `${1990 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`);
    expect(yearTicks(long).map(({ year }) => year)).toEqual(["1990", "1995", "2000", "2005", "2010", "2015", "2020"]);
  });
});

describe("the quality of a universe", () => {
  it("has words", () => {
    expect(qualityWords(quality)).toBe("Quality 67.00 %: 20 sessions missing, in 1 of 1 symbol.");
    expect(qualityWords({ ...quality, quality: null })).toBe("No bar of this universe is stored yet.");
  });

  it("is whole only where nothing is missing", () => {
    expect([1, 0.999_99, 0.5].map(qualityPercent)).toEqual(["100 %", "99.99 %", "50.00 %"]);
  });
});
