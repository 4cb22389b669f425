import { describe, expect, it } from "vitest";

import { analyzeRequest } from "./api/queries";
import { parsePairSearch, swapLegs } from "./search";

describe("parsePairSearch", () => {
  it("keeps what is right, tickers in capitals", () => {
    expect(
      parsePairSearch({ symbol_1: "ko", symbol_2: "BRK.B", start_date: "2012-12-28", window: "90", scale: "prices", k: 1.5, scan: 3 }),
    ).toEqual({ symbol_1: "KO", symbol_2: "BRK.B", start_date: "2012-12-28", window: 90, scale: "prices", k: 1.5, scan: 3 });
  });

  it("drops nonsense and leaves defaults out", () => {
    expect(
      parsePairSearch({
        symbol_1: "<script>",
        start_date: "2012-02-30",
        window: 60,
        significance: 5,
        min_correlation: 0.6,
        trend: "c",
        scale: "rebased",
        k: 200,
        table: "no",
      }),
    ).toEqual({});
  });

  it("swaps the legs and nothing else", () => {
    expect(swapLegs({ symbol_1: "KO", symbol_2: "PEP", from: "2020-01-02" })).toEqual({
      symbol_1: "PEP",
      symbol_2: "KO",
      from: "2020-01-02",
    });
  });
});

describe("analyzeRequest", () => {
  it("needs both legs", () => {
    expect(analyzeRequest({ symbol_1: "KO" })).toBeNull();
  });

  it("says the defaults, and leaves the view out", () => {
    expect(analyzeRequest({ symbol_1: "KO", symbol_2: "PEP", from: "2020-01-02", k: 3 })).toEqual({
      symbol_1: "KO",
      symbol_2: "PEP",
      start_date: undefined,
      end_date: undefined,
      timeframe: "1d",
      window: 60,
      significance_level: 0.05,
      min_correlation: 0.6,
      trend: "c",
      after: true,
    });
  });
});
