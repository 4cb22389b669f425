import { describe, expect, it } from "vitest";

import { compact, day, flag, integer, number, oneOf, ordering, strictly, text, ticker } from "./urlState";

describe("readers of the address", () => {
  it("take what is right", () => {
    expect(text("  KO ")).toBe("KO");
    expect(text(7)).toBe("7");
    expect(number("0.05", 0, 1)).toBe(0.05);
    expect(integer(12, 1)).toBe(12);
    expect([flag(true), flag("1"), flag("false"), flag(0)]).toEqual([true, true, false, false]);
    expect(oneOf("c", ["c", "ct"])).toBe("c");
    expect(day("2024-02-29")).toBe("2024-02-29");
    expect(ticker("brk.b")).toBe("BRK.B");
    expect(ordering("-pvalue", ["pvalue"])).toBe("-pvalue");
  });

  it.each<[unknown, string]>([
    [text(""), "empty text"],
    [text({}), "an object"],
    [number("", 0), "an empty number"],
    [number("1e400"), "infinity"],
    [number(2, 0, 1), "a number out of bounds"],
    [number(true), "a boolean"],
    [integer(1.5), "a fraction"],
    [flag("maybe"), "a doubt"],
    [oneOf("C", ["c"]), "an unknown word"],
    [day("2023-02-29"), "a day no calendar has"],
    [day("2023-2-1"), "another notation"],
    [ticker("A".repeat(21)), "a ticker of 21 characters"],
    [ticker("<script>"), "a tag"],
    [ordering("--pvalue", ["pvalue"]), "a double minus"],
    [ordering("secret", ["pvalue"]), "an unknown column"],
  ])("drop %s: %s", (value) => {
    expect(value).toBeUndefined();
  });

  it("say undefined for what they drop, so that it does not stand as it was", () => {
    const read = strictly((raw) => compact({ scan: integer(raw.scan, 1) }));
    const raw = { scan: "abc", other: 1 };
    expect(Object.entries({ ...raw, ...read(raw) })).toEqual([
      ["scan", undefined],
      ["other", undefined],
    ]);
    expect(read({ scan: "7" })).toEqual({ scan: 7 });
  });

  it("leave no trace of defaults", () => {
    expect(compact({ a: undefined, b: 0, c: false })).toEqual({ b: 0, c: false });
  });
});
