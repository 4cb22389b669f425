import { describe, expect, it } from "vitest";

import { extentOf, sparklinePath } from "./sparklinePath";

describe("sparklinePath", () => {
  it("runs from edge to edge, high values high", () => {
    expect(sparklinePath([0, 1], 103, 23)).toBe("M1.5 21.5L101.5 1.5");
  });

  it("draws a constant through the middle", () => {
    expect(sparklinePath([5, 5, 5], 23, 20)).toBe("M1.5 10.0L11.5 10.0L21.5 10.0");
  });

  it("lifts the pen at a gap", () => {
    expect(sparklinePath([0, null, 1], 23, 23).match(/M/g)).toHaveLength(2);
  });

  it("draws on a shared scale", () => {
    expect(sparklinePath([0, 1], 23, 23, { min: 0, max: 2 })).toBe("M1.5 21.5L21.5 11.5");
  });

  it("is empty without two points or any value", () => {
    expect(sparklinePath([1], 20, 20)).toBe("");
    expect(sparklinePath([null, null], 20, 20)).toBe("");
    expect(extentOf([null])).toBeNull();
  });
});
