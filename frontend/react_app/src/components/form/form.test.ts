import { describe, expect, it } from "vitest";

import { decimal, isDay, mapServerErrors, percentText, shareOf, wholeNumber } from ".";

describe("typed numbers", () => {
  it("reads whole numbers and nothing else", () => {
    expect(["12", " 7 ", "1.5", "-1", "", "1e3", "x"].map(wholeNumber)).toEqual([12, 7, null, null, null, null, null]);
  });

  it("reads decimals with comma or point, and a real minus", () => {
    expect(["0.5", "0,5", "−1", ".5", "5.", "1.2.3", "Infinity", ""].map(decimal)).toEqual([
      0.5, 0.5, -1, 0.5, 5, null, null, null,
    ]);
  });

  it("turns percent into shares and back without rounding dirt", () => {
    expect(shareOf("5")).toBe(0.05);
    expect(shareOf("0,1")).toBe(0.001);
    expect(percentText(0.07)).toBe("7");
    expect(percentText(0.001)).toBe("0.1");
    expect(shareOf("x")).toBeNull();
  });

  it("knows a day", () => {
    expect(["2020-02-29", "2020-13-01", "20-1-1", ""].map(isDay)).toEqual([true, false, false, false]);
  });
});

describe("mapServerErrors", () => {
  it("puts messages at their fields and keeps the rest in words", () => {
    expect(
      mapServerErrors(
        { alpha: ["Too large.", "Really."], non_field_errors: ["Give one."], symbols: ["Unknown: XX."], trend: [] },
        ["alpha", "trend"],
      ),
    ).toEqual({ errors: { alpha: "Too large. Really." }, rest: ["Give one.", "symbols: Unknown: XX."] });
  });
});
