import { describe, expect, it } from "vitest";

import {
  formatAge,
  formatBarDate,
  formatBytes,
  formatCount,
  formatDuration,
  formatHalfLife,
  formatNumber,
  formatPercent,
  formatPValue,
  formatSure,
  formatSigned,
  MISSING,
  plural,
} from "./format";

describe("sizes", () => {
  it("count in decimal units", () => {
    expect([0, 999, 1000, 20_660_000, 2.5e9, null].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "20.7 MB", "2.5 GB", MISSING]);
  });
});

describe("numbers", () => {
  it.each([
    [1234.5678, 2, "1,234.57"],
    [-3.104, 2, "−3.10"],
    [-0.001, 2, "0.00"],
    [0, 0, "0"],
  ])("%d with %d decimals is %s", (value, digits, text) => {
    expect(formatNumber(value, digits)).toBe(text);
  });

  it.each([null, undefined, NaN, Infinity, -Infinity])("%s is missing", (value) => {
    expect(formatNumber(value)).toBe(MISSING);
    expect(formatPValue(value)).toBe(MISSING);
    expect(formatSigned(value)).toBe(MISSING);
    expect(formatPercent(value)).toBe(MISSING);
    expect(formatDuration(value)).toBe(MISSING);
  });

  it("says the sign, but not of what rounds to nothing", () => {
    expect([1.234, -1.234, 0, 0.001, -0.001].map((value) => formatSigned(value))).toEqual([
      "+1.23",
      "−1.23",
      "0.00",
      "0.00",
      "0.00",
    ]);
  });

  it("counts and shares", () => {
    expect(formatCount(166260)).toBe("166,260");
    expect(formatPercent(0.0512, 1)).toBe("5.1 %");
    expect([plural(1, "pair"), plural(2, "pair"), plural(1234, "pair")]).toEqual(["1 pair", "2 pairs", "1,234 pairs"]);
  });
});

describe("p-values", () => {
  it.each([
    [0.04249, "0.042"],
    [0.001, "0.001"],
    [0.00099, "9.9e−4"],
    [1.234e-5, "1.2e−5"],
    [1e-6, "1.0e−6"],
    [9.9e-7, "< 1e−6"],
    [0, "< 1e−6"],
    [0.99, "0.990"],
    [0.9999, "> 0.999"],
    [1, "> 0.999"],
  ])("%d is %s", (value, text) => {
    expect(formatPValue(value)).toBe(text);
  });
});

describe("half-life", () => {
  it("is infinite where none is stated", () => {
    expect([8.26, 23.4, null].map(formatHalfLife)).toEqual(["8.3", "23", "∞"]);
  });
});

describe("dates", () => {
  it("takes the day at the exchange, not in UTC", () => {
    // 16:00 in New York; and an instant which is the next day in UTC already.
    expect(formatBarDate("2022-12-28T21:00:00Z")).toBe("2022-12-28");
    expect(formatBarDate("2022-12-29T02:30:00Z")).toBe("2022-12-28");
    expect(formatBarDate("2022-07-01T20:00:00.000000Z")).toBe("2022-07-01");
  });

  it("leaves days as they are and shrugs at nonsense", () => {
    expect(formatBarDate("1990-01-02")).toBe("1990-01-02");
    expect(formatBarDate("soon")).toBe(MISSING);
    expect(formatBarDate(null)).toBe(MISSING);
  });

  it.each([
    ["2026-01-10T20:00:00Z", "today"],
    ["2026-01-09T21:00:00Z", "today"],
    ["2026-01-09T11:00:00Z", "1 day old"],
    ["2025-12-01T21:00:00Z", "39 days old"],
    ["2025-10-01T21:00:00Z", "3 months old"],
    ["2022-12-28T21:00:00Z", "3 years old"],
  ])("%s is %s", (timestamp, text) => {
    expect(formatAge(timestamp, new Date("2026-01-10T20:30:00Z"))).toBe(text);
  });
});

describe("durations", () => {
  it.each([
    [0, "0.0 s"],
    [0.84, "0.8 s"],
    [9.96, "10 s"],
    [59.6, "1 min 00 s"],
    [185, "3 min 05 s"],
    [3725, "1 h 02 min"],
    [7199, "2 h 00 min"],
    [-1, MISSING],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("how sure one can be", () => {
  it.each([
    [1, "> 99 %"],
    [0.996, "> 99 %"],
    [0.994, "99 %"],
    [0.5, "50 %"],
    [0.001, "< 1 %"],
    [null, MISSING],
  ])("%s is %s", (value, text) => {
    expect(formatSure(value)).toBe(text);
  });
});
