import { describe, expect, it } from "vitest";

import type { PairAnalysis } from "@/lib/api";

import { checkAnalyse, fromSearch, toSearch, withEffectiveWindow } from "./analyseForm";
import { pairStack, sampleWords } from "./pairStack";
import { parsePairSearch } from "./search";
import { directions, statistics } from "./statistics";

const analysis: PairAnalysis = {
  symbol_1: { ticker: "KO", name: "Coca-Cola", sector: "Consumer Staples" },
  symbol_2: { ticker: "PEP", name: "PepsiCo", sector: "Consumer Staples" },
  pair_id: null,
  timeframe: "1d",
  start_date: "2020-01-03",
  end_date: "2020-01-06",
  trend: "c",
  scale: "log",
  statistic: -2.31,
  pvalue: 0.34,
  critical_values: { "1%": -3.9, "5%": -3.34, "10%": -3.05 },
  lag: 3,
  hedge_ratio: 0.717,
  intercept: 0.381,
  correlation: 0.71,
  half_life: null,
  n_obs: 2518,
  reverse: { statistic: -2.9, pvalue: 0.14, hedge_ratio: 0.91 },
  hypothesis_pvalue: 0.28,
  is_cointegrated: false,
  passes_correlation: true,
  verdict: "Not shown to be cointegrated.",
  source: "demo",
  adjustment: "total_return",
  last_timestamp: "2020-01-07T21:00:00Z",
  series: {
    timestamps: ["2020-01-02T21:00:00Z", "2020-01-03T21:00:00Z", "2020-01-06T21:00:00Z", "2020-01-07T21:00:00Z"],
    price_1: [40, 50, 55, 60],
    price_2: [100, 200, 210, 190],
    spread: [0.1, 0.0, -0.1, 0.2],
    mean: [null, 0.05, -0.05, 0.05],
    std: [null, 0.07, 0.07, 0.21],
    z_score: [null, -0.7, -0.7, 0.71],
    in_sample: [false, true, true, false],
  },
};
const view = { scale: "rebased", k: 2, window: 2 } as const;

describe("pairStack", () => {
  it("rebases both legs to 100 at the formation window's first bar", () => {
    const [prices] = pairStack(analysis, view).panes;
    expect(prices!.lines.map((line) => line.values.slice(0, 3).map((value) => Math.round(value ?? 0)))).toEqual([
      [80, 100, 110],
      [50, 100, 105],
    ]);
    expect(prices!.title).toContain("2020-01-03 = 100");
  });

  it("shows bare prices on two scales when asked", () => {
    const [prices] = pairStack(analysis, { ...view, scale: "prices" }).panes;
    expect(prices!.lines.map((line) => [line.scale ?? "right", line.values[0]])).toEqual([
      ["left", 40],
      ["right", 100],
    ]);
  });

  it("draws the bands where z would be ±k, and the entry lines there", () => {
    const [, spread, z] = pairStack(analysis, { ...view, k: 1.5 }).panes;
    const upper = spread!.lines.find((line) => line.id === "upper");
    expect(upper!.values[0]).toBeNull();
    expect(upper!.values[1]).toBeCloseTo(0.155, 12);
    expect(z!.levels!.map((level) => level.value)).toEqual([0, 1.5, -1.5]);
    const [, , withExit] = pairStack(analysis, { ...view, exit: 0.5 }).panes;
    expect(withExit!.levels!.map((level) => level.value)).toEqual([0, 2, -2, 0.5, -0.5]);
  });

  it("gives every line one value a bar", () => {
    const stack = pairStack(analysis, view);
    const lengths = stack.panes.flatMap((pane) => pane.lines.map((line) => line.values.length));
    expect(new Set([...lengths, stack.inSample.length])).toEqual(new Set([4]));
  });
});

describe("sampleWords", () => {
  it("says what is shaded, or that everything is in sample", () => {
    expect(sampleWords([false, true, true, false], "a", "b")).toBe(
      "Shaded: formation window a – b. The other 2 bars are out of sample.",
    );
    expect(sampleWords([true, true], "a", "b")).toBe("All bars are in sample: the coefficients were fitted on a – b.");
  });
});

describe("statistics", () => {
  it("explain themselves: definition, formula and sample for each", () => {
    for (const item of statistics(analysis, 60)) {
      expect([item.definition, item.formula, item.sample].every((text) => text.length > 5), item.id).toBe(true);
    }
  });

  it("show rounded values with real minus signs", () => {
    const byId = Object.fromEntries(statistics(analysis, 60).map((item) => [item.id, item.value]));
    expect(byId).toMatchObject({
      statistic: "−2.31",
      hypothesis_pvalue: "0.280",
      hedge_ratio: "0.717",
      half_life: "∞",
      z_score: "+0.71",
      n_obs: "2,518",
    });
  });

  it("put both directions side by side, the more negative one as the better", () => {
    expect(directions(analysis).map(({ label, statistic, better }) => [label, statistic, better])).toEqual([
      ["KO on PEP", "−2.31", false],
      ["PEP on KO", "−2.90", true],
    ]);
  });
});

describe("the analyse form", () => {
  const good = fromSearch({ symbol_1: "KO", symbol_2: "PEP" });

  it("accepts the defaults", () => {
    expect(checkAnalyse(good)).toEqual({});
  });

  it.each([
    ["symbol_1", { symbol_1: "" }],
    ["symbol_2", { symbol_2: "P E P" }],
    ["symbol_2", { symbol_2: "ko" }],
    ["end_date", { start_date: "2020-01-02", end_date: "2019-01-02" }],
    ["start_date", { start_date: "soon" }],
    ["window", { window: "1" }],
    ["window", { window: "5001" }],
    ["significance_level", { significance_level: "0" }],
    ["min_correlation", { min_correlation: "1.1" }],
  ])("puts the message at %s for %o", (field, wrong) => {
    expect(Object.keys(checkAnalyse({ ...good, ...wrong }))).toEqual([field]);
  });

  it("leaves it to the server which tickers there are: it knows what a wrong one resembles", () => {
    expect(checkAnalyse({ ...good, symbol_2: "PEPP" })).toEqual({});
  });

  it("shows the window in force where no date was asked for, and leaves an emptied date empty", () => {
    const window = { start_date: "2012-12-28", end_date: "2022-12-28" };
    expect(withEffectiveWindow(good, window, new Set())).toMatchObject(window);
    expect(withEffectiveWindow({ ...good, end_date: "2019-12-31" }, window, new Set(["end_date"]))).toMatchObject({
      start_date: "2012-12-28",
      end_date: "2019-12-31",
    });
    expect(withEffectiveWindow(good, window, new Set(["end_date"])).end_date).toBe("");
    expect(withEffectiveWindow(good, null, new Set()).start_date).toBe("");
  });

  it("writes an address that reads back the same", () => {
    const values = { ...good, start_date: "2012-12-28", window: "90", significance_level: "1", min_correlation: "0,5" };
    const search = toSearch(values);
    expect(parsePairSearch({ ...search })).toEqual(
      expect.objectContaining({ start_date: "2012-12-28", window: 90, significance: 0.01, min_correlation: 0.5 }),
    );
    expect(search.trend).toBeUndefined();
  });
});
