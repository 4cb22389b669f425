import { describe, expect, it } from "vitest";

import { pairsText, runName } from "@/lib/backtests";
import { makeBacktest, makeTrade } from "@/testing/backtestFixtures";

import { differenceRows, differenceWords, overlayStack, settingWords, usualValue, valueWords } from "./compareRows";
import { partialOf } from "./partial";
import { chanceWords, costModelOf, costWords, stateWords } from "./runWords";
import { parseCompareSearch, parseNewSearch, parseRunSearch } from "./search";
import { costOf } from "./tradeColumns";
import { tradeAt, tradeBars, tradeMarks, tradeOfMarker } from "./tradeMarks";

const days = ["02", "03", "06", "07", "08"].map((day) => `2020-01-${day}T21:00:00Z`);

describe("trades on the equity line", () => {
  const open = makeTrade({ number: 2, side: "SHORT", entry_filled_at: days[3]!, exit_filled_at: null, net_pnl: -5 });
  const bars = tradeBars([makeTrade(), open], days);

  it("stand at the bars of their fills", () => {
    expect(bars).toMatchObject([{ trade: 1, entry: 1, exit: 3, won: true }, { trade: 2, entry: 3, exit: null, won: false }]);
  });

  it("are arrows in the direction of the spread and dots where left, the chosen one larger and tinted", () => {
    const { markers, span } = tradeMarks(bars, 1, days.length);
    expect(markers.map(({ id, index, shape, strong }) => [id, index, shape, strong])).toEqual([
      ["entry 1", 1, "up", true],
      ["exit 1", 3, "dot", true],
      ["entry 2", 3, "down", false],
    ]);
    expect(span).toEqual({ first: 1, last: 3 });
    expect(tradeMarks(bars, 2, days.length).span).toEqual({ first: 3, last: 4 });
    expect(tradeMarks(bars, undefined, days.length).span).toBeNull();
  });

  it("are found again from a marker and from a bar", () => {
    expect([tradeOfMarker("exit 12"), tradeOfMarker("x"), tradeOfMarker(null)]).toEqual([12, null, null]);
    expect([0, 2, 3, 4].map((bar) => tradeAt(bars, bar))).toEqual([null, 1, 2, 2]);
  });

  it("cost what they paid, dividends apart", () => {
    expect(costOf(makeTrade({ dividends: -3 }))).toBe(7);
  });
});

describe("words of a run", () => {
  it("name it by what it trades where it has no name", () => {
    expect(runName(makeBacktest())).toBe("KO / PEP, rolling z-score");
    expect(runName(makeBacktest({ kind: "selection", scan: 4, pairs: [["A", "B"], ["C", "D"]] }))).toBe("2 best pairs of scan 4, rolling z-score");
    expect(runName(makeBacktest({ name: "Mine" }))).toBe("Mine");
  });

  it("say costs in phrases and know the model they are of", () => {
    const { costs } = makeBacktest();
    expect(costWords(costs)).toEqual(["half-spread 2 bps", "commission 1 bps", "borrow 0.5 % a year", "fills at the next close"]);
    expect(costWords({})).toEqual(["no costs at all", "fills at the next close"]);
    const model = { id: "index" as const, title: "Basis points", description: "", costs: { ...costs }, needs: [] };
    expect(costModelOf({ ...costs, lot: 0 }, [model])).toBe(model);
    expect(costModelOf({}, [model])).toBeNull();
  });

  it("say a state only while there is no result", () => {
    expect(stateWords(makeBacktest())).toBe("");
    expect(stateWords(makeBacktest({ completed_at: null }))).toBe("no result");
  });
});

describe("runs side by side", () => {
  const runs = [makeBacktest({ id: 3 }), makeBacktest({ id: 5 }), makeBacktest({ id: 8 })];

  it("have letters at the ends of their lines, and dashes where colours run out", () => {
    const equity = Array.from({ length: 6 }, () => [1, null]);
    const lines = overlayStack({ timestamps: days.slice(0, 2), equity }).panes[0]?.lines ?? [];
    expect(lines.map(({ tag, dashed }) => [tag, dashed])).toEqual(["A", "B", "C", "D", "E", "F"].map((letter, place) => [letter, place >= 4]));
  });

  it("tell the value most of them share", () => {
    expect(usualValue(["2", "2", "3"])).toBe("2");
    expect(usualValue(["2", "3"])).toBeNull();
    expect([valueWords("0.3333333333"), valueWords("2.0"), valueWords(null), valueWords("KO/PEP")]).toEqual(["0.3333", "2", "off", "KO/PEP"]);
    expect(settingWords("parameters.entry_z")).toBe("entry z");
    expect(settingWords("costs.commission.bps")).toBe("costs: commission bps");
  });

  it("list differences surest first, by letters", () => {
    const difference = (a: number, b: number, pvalue: number | null) => ({ a, b, pvalue, sharpe_difference: 0, standard_error: 0, n: 9, words: "" });
    const rows = differenceRows({ runs, differences: [difference(3, 5, null), difference(3, 8, 0.04), difference(5, 8, 0.01)] });
    expect(rows.map(({ letters }) => letters)).toEqual(["B − C", "A − C", "A − B"]);
    expect(rows.map((row) => differenceWords({ ...row, sharpe_difference: -0.2 }))).toEqual(["C is better", "C is better", "not tested"]);
    expect(chanceWords(28)).toContain("about 1.4");
  });
});

describe("addresses", () => {
  it("drop what makes no sense", () => {
    expect(parseRunSearch({ trade: "x", from: "2020-13-01", table: "true" })).toEqual({ table: true });
    expect(parseCompareSearch({ runs: "1.2.2.x.3.4.5.6.7.8.9" })).toEqual({ runs: "1.2.3.4.5.6.7.8" });
    expect(parseNewSearch({ symbol_1: "ko", top: "0", kind: "all" })).toEqual({ symbol_1: "KO" });
  });

  it("hold pairs whose tickers have points and dashes", () => {
    expect(pairsText([["BRK.B", "A-B"], ["KO", "PEP"]])).toBe("BRK.B~A-B,KO~PEP");
  });
});

describe("news of a running backtest", () => {
  const event = (type: string, data: Record<string, unknown>) => ({ type, data, stream: "job_1", seq: 1, timestamp: "" });

  it("is read only where it is whole", () => {
    expect(partialOf(event("backtest_progress", { timestamps: ["a"], equity: [1] }))).toEqual({ timestamps: ["a"], equity: [1] });
    expect(partialOf(event("backtest_progress", { timestamps: ["a"], equity: [] }))).toBeNull();
    expect(partialOf(event("backtest_progress", { window: 1 }))).toBeNull();
    expect(partialOf(event("job_update", { timestamps: [], equity: [] }))).toBeNull();
  });
});
