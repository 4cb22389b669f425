import { describe, expect, it } from "vitest";

import { formatIds, parseIds, parsePairFinderSearch } from "./search";

describe("parsePairFinderSearch", () => {
  it("keeps what is right", () => {
    expect(
      parsePairFinderSearch({ scan: 12, order: "-correlation", q: " ko ", all: true, selected: "3.4", hide: "lag" }),
    ).toEqual({ scan: 12, order: "-correlation", q: "ko", all: true, selected: "3.4", hide: "lag" });
  });

  it("drops nonsense instead of failing", () => {
    expect(
      parsePairFinderSearch({ scan: -1, universe: "x", order: "password", q: {}, all: "maybe", selected: "a.0", evil: 1 }),
    ).toEqual({});
  });

  it("leaves the usual order out of the address", () => {
    expect(parsePairFinderSearch({ order: "statistic" })).toEqual({});
    expect(parsePairFinderSearch({ order: "-statistic" })).toEqual({ order: "-statistic" });
  });

  it("survives a reload: reading its own output changes nothing", () => {
    const once = parsePairFinderSearch({ scan: "7", q: "KO", selected: "9.9.8", all: "true" });
    expect(once).toEqual({ scan: 7, q: "KO", selected: "9.8", all: true });
    expect(parsePairFinderSearch({ ...once })).toEqual(once);
  });
});

describe("ids", () => {
  it("reads and writes dotted lists", () => {
    expect(parseIds("1.2.x.2.-3")).toEqual([1, 2]);
    expect(parseIds(undefined)).toEqual([]);
    expect(formatIds([1, 2])).toBe("1.2");
    expect(formatIds([])).toBeUndefined();
  });
});
