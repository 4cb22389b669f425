import { describe, expect, it } from "vitest";

import { parseDataSearch } from "../search";
import { matches } from "./matches";

const ko = { ticker: "KO", name: "Coca-Cola", sector: "Consumer Staples" };

describe("the search for symbols", () => {
  it.each(["", "ko", "coca", "CONSUMER", "staples ko", " ko "])("“%s” finds Coca-Cola", (q) => {
    expect(matches(ko, q)).toBe(true);
  });

  it.each(["o", "pep", "ko pep", "taples"])("“%s” does not", (q) => {
    expect(matches(ko, q)).toBe(false);
  });
});

describe("the Data page's address", () => {
  it("keeps what is right and drops the rest", () => {
    expect(
      parseDataSearch({ universe: 2, q: "bank", order: "-bars", symbol: "brk.b", from: "2020-01-02", to: "x", table: "1" }),
    ).toEqual({ universe: 2, q: "bank", order: "-bars", symbol: "BRK.B", from: "2020-01-02", table: true });
    expect(parseDataSearch({ universe: -1, q: " ", order: "-secret", symbol: "<b>", table: "no" })).toEqual({});
  });
});
