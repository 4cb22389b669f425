import { describe, expect, it } from "vitest";

import { checkForm, emptyForm, toRequest, windowOf, yearsBefore } from "./scanForm";

const span = { first: "1990-01-02", last: "2022-12-28" };
const good = { ...emptyForm("1"), start_date: "2012-12-28", end_date: "2022-12-28" };

describe("the window", () => {
  it("is the last years of the data, never before its first bar", () => {
    expect(windowOf(span, 10)).toEqual({ start: "2012-12-28", end: "2022-12-28" });
    expect(windowOf(span, 50)).toEqual({ start: "1990-01-02", end: "2022-12-28" });
    expect(windowOf(span, null)).toEqual({ start: "1990-01-02", end: "2022-12-28" });
  });

  it("knows leap days", () => {
    expect(yearsBefore("2020-02-29", 1)).toBe("2019-02-28");
    expect(yearsBefore("2020-02-29", 4)).toBe("2016-02-29");
    expect(yearsBefore("2020-12-31", 10)).toBe("2010-12-31");
  });
});

describe("checkForm", () => {
  it("accepts the defaults", () => {
    expect(checkForm(good, span)).toEqual({});
  });

  it.each([
    ["universe", { universe: "" }],
    ["end_date", { start_date: "2020-01-02", end_date: "2020-01-02" }],
    ["end_date", { start_date: "2020-01-02", end_date: "2019-01-02" }],
    ["start_date", { start_date: "2023-06-01", end_date: "" }],
    ["end_date", { start_date: "", end_date: "1980-01-01" }],
    ["start_date", { start_date: "yesterday" }],
    ["alpha", { alpha: "0" }],
    ["alpha", { alpha: "51" }],
    ["alpha", { alpha: "five" }],
    ["min_overlap", { min_overlap: "29" }],
    ["min_overlap", { min_overlap: "2.5" }],
    ["max_lag", { max_lag: "-1" }],
    ["max_lag", { max_lag: "201" }],
    ["max_lag", { autolag: "fixed" as const, max_lag: "" }],
  ])("puts the message at %s for %o", (field, wrong) => {
    expect(Object.keys(checkForm({ ...good, ...wrong }, span))).toEqual([field]);
  });
});

describe("toRequest", () => {
  it("sends what the server takes", () => {
    expect(toRequest({ ...good, alpha: "2,5", max_lag: "10" })).toEqual({
      universe: 1,
      start_date: "2012-12-28",
      end_date: "2022-12-28",
      timeframe: "1d",
      trend: "c",
      autolag: "aic",
      max_lag: 10,
      fdr: "by",
      alpha: 0.025,
      min_overlap: 250,
      within_sectors: false,
    });
  });

  it("leaves empty dates to the server, and a fixed lag has no rule", () => {
    const request = toRequest({ ...emptyForm("2"), autolag: "fixed", max_lag: "3" });
    expect(request).not.toHaveProperty("start_date");
    expect([request.autolag, request.max_lag]).toEqual([null, 3]);
  });
});
