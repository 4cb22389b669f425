import { describe, expect, it } from "vitest";

import type { Candidate, PlantedPair, Scan } from "@/lib/api";
import { windowWords } from "@/lib/scanWords";

import { candidateColumns, hiddenColumns, hideWords, pairAddress, sectorWords } from "./candidateColumns";
import { candidateKey, rowsWords, splitByOutliers } from "./components/CandidateTable";
import { elapsedSeconds, stageWords } from "./progress";
import { lagWords } from "./scanWords";
import { truthRows } from "./truthRows";

const row: Candidate = {
  id: 3,
  rank: 1,
  symbol_1: "KO",
  symbol_2: "PEP",
  name_1: "Coca-Cola",
  name_2: "PepsiCo",
  sector_1: "Consumer Staples",
  sector_2: "Consumer Staples",
  statistic: -3.4567,
  pvalue: 0.0312,
  hypothesis_pvalue: 0.0624,
  qvalue: 1,
  lag: 2,
  hedge_ratio: 0.71678,
  intercept: 0.381,
  correlation: 0.71,
  half_life: null,
  n_obs: 2518,
  is_discovery: false,
  planted: null,
  pair_id: null,
  outlier_pvalue: null,
  outlier_driven: null,
  fwer_pvalue: null,
  sparkline: [0, 1],
};
const scan = {
  id: 12,
  truth: null,
  start_date: "2012-12-28",
  end_date: "2022-12-28",
  parameters: { trend: "ct" },
} as Scan;

const shown = (id: string) => candidateColumns(scan).find((column) => column.id === id)?.cell?.(row);

describe("candidate columns", () => {
  it("round to what is meant", () => {
    expect(["statistic", "pvalue", "qvalue", "hedge_ratio", "half_life", "correlation", "n_obs"].map(shown)).toEqual([
      "−3.46",
      "0.031",
      "> 0.999",
      "0.717",
      "∞",
      "0.71",
      "2,518",
    ]);
  });

  it("export full precision, and no drawing", () => {
    const columns = candidateColumns(scan);
    expect(columns.find((column) => column.id === "statistic")?.value(row)).toBe(-3.4567);
    expect(columns.find((column) => column.id === "sparkline")?.exported).toBe(false);
  });

  it("show what was planted only where the truth is known", () => {
    const ids = (of: Scan) => candidateColumns(of).map((column) => column.id);
    expect(ids(scan)).not.toContain("planted");
    expect(ids({ ...scan, truth: { n_planted: 1, n_found: 1, n_false: 0 } })).toContain("planted");
  });

  it("explain every number", () => {
    const silent = candidateColumns(scan).filter((column) => column.align === "right" && !column.explain);
    expect(silent.map((column) => column.id)).toEqual([]);
  });

  it("keep hidden columns in the address", () => {
    expect(hiddenColumns(undefined)).toEqual(["lag", "intercept"]);
    expect(hiddenColumns("none")).toEqual([]);
    expect(hideWords(["intercept", "lag"])).toBeUndefined();
    expect(hideWords([])).toBe("none");
    expect(hiddenColumns(hideWords(["n_obs"]))).toEqual(["n_obs"]);
  });

  it("name sectors once when they are the same", () => {
    expect(sectorWords(row)).toBe("Consumer Staples");
    expect(sectorWords({ sector_1: "Energy", sector_2: "Utilities" })).toBe("Energy / Utilities");
    expect(sectorWords({ sector_1: "", sector_2: "Utilities" })).toBe("Utilities");
  });

  it("lead to the pair with the scan's own window and trend", () => {
    expect(pairAddress(row, scan)).toEqual({
      symbol_1: "KO",
      symbol_2: "PEP",
      start_date: "2012-12-28",
      end_date: "2022-12-28",
      trend: "ct",
      scan: 12,
    });
  });

  it("say which of the tested pairs the rows are, the cap included", () => {
    const few = { n_nominal: 12 };
    const many = { n_nominal: 9_000 };
    expect(rowsWords(23, few, {})).toBe("23 rows, pair p ≤ 10 % kept");
    expect(rowsWords(190, few, { all: true })).toBe("190 rows");
    expect(rowsWords(5_000, few, {})).toBe("the best 5,000 of those with pair p ≤ 10 %");
    expect(rowsWords(5_000, many, {})).toBe("the best 5,000 of those with pair p ≤ 10 %");
    expect(rowsWords(40, many, { q: "KO" })).toBe("40 rows among the best 5,000 of those with pair p ≤ 10 %");
  });

  it("key rows without an id by their tickers", () => {
    expect(candidateKey(row)).toBe("3");
    expect(candidateKey({ ...row, id: null })).toBe("KO / PEP");
  });
});

describe("truthRows", () => {
  const planted: PlantedPair[] = [
    { symbol_1: "A", symbol_2: "B", kind: "cointegrated", hedge_ratio: 1, half_life: 8, break_at: null },
    { symbol_1: "C", symbol_2: "D", kind: "cointegrated", hedge_ratio: 1, half_life: 8, break_at: null },
    { symbol_1: "E", symbol_2: "F", kind: "breaking", hedge_ratio: 1, half_life: 8, break_at: "2015-01-02T21:00:00Z" },
  ];
  const tested = (symbol_1: string, symbol_2: string, is_discovery: boolean, kind: Candidate["planted"]) => ({
    ...row,
    symbol_1,
    symbol_2,
    is_discovery,
    planted: kind,
  });

  it("matches pairs either way round, and names the false ones", () => {
    const rows = truthRows(planted, [
      tested("B", "A", true, "cointegrated"),
      tested("C", "D", false, "cointegrated"),
      tested("A", "F", true, null),
      tested("A", "C", false, null),
    ]);
    expect(rows.map(({ pair, outcome }) => [pair, outcome])).toEqual([
      ["A / B", "found"],
      ["C / D", "missed"],
      ["E / F", "not counted"],
      ["A / F", "false"],
    ]);
  });
});

describe("pairs that hang on outliers", () => {
  it("are marked where the finding and the re-test stand", () => {
    const cell = (id: string, given: Partial<Candidate>) =>
      candidateColumns(scan).find((column) => column.id === id)?.cell?.({ ...row, ...given });
    const driven = { is_discovery: true, outlier_driven: true, outlier_pvalue: 0.212 };
    expect([cell("is_discovery", driven), cell("outlier_pvalue", driven)]).toEqual(["yes ▲", "▲ 0.212"]);
    const sound = { is_discovery: true, outlier_driven: false, outlier_pvalue: 0.012 };
    expect([cell("is_discovery", sound), cell("outlier_pvalue", sound)]).toEqual(["yes", "0.012"]);
  });

  it("are left out of a promotion unless asked for", () => {
    const rows = [
      { id: 1, outlier_driven: true },
      { id: 2, outlier_driven: false },
      { id: 3, outlier_driven: null },
    ];
    expect(splitByOutliers([3, 1, 2, 99], rows)).toEqual({ sound: [3, 2, 99], driven: [1] });
  });

  it("have a family-wise p only where enough nulls were drawn", () => {
    const ids = (null_draws: number | null) => candidateColumns({ ...scan, null_draws }).map(({ id }) => id);
    expect([ids(198).includes("fwer_pvalue"), ids(199).includes("fwer_pvalue"), ids(null).includes("fwer_pvalue")]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("words", () => {
  it("tell what a job is doing", () => {
    const job = { status: "RUNNING", stage: "testing_pairs", cancel_requested: false } as const;
    expect(stageWords(job)).toBe("Testing pairs");
    expect(stageWords({ ...job, cancel_requested: true })).toBe("Stopping…");
    expect(stageWords({ ...job, status: "PENDING" })).toBe("Waiting for a free worker");
    expect(stageWords({ ...job, status: "CANCELLED", cancel_requested: true })).toBe("Cancelled");
  });

  it("count from the start to the end, or to now", () => {
    const job = { created_at: "2026-01-01T00:00:00Z", started_at: "2026-01-01T00:00:02Z", finished_at: null };
    expect(elapsedSeconds(job, Date.parse("2026-01-01T00:00:05Z"))).toBe(3);
    expect(elapsedSeconds({ ...job, finished_at: "2026-01-01T00:00:04Z" }, 0)).toBe(2);
    expect(elapsedSeconds({ ...job, started_at: null }, Date.parse("2026-01-01T00:00:05Z"))).toBe(5);
  });

  it("tell the window and the lag rule", () => {
    expect(windowWords({ start_date: null, end_date: null })).toBe("all data");
    expect(windowWords({ start_date: "2012-12-28", end_date: null })).toBe("2012-12-28 – last bar");
    expect(lagWords({ autolag: "aic", max_lag: null })).toBe("lags by AIC");
    expect(lagWords({ autolag: "t-stat", max_lag: 9 })).toBe("lags by t statistic, at most 9");
    expect(lagWords({ autolag: null, max_lag: 1 })).toBe("1 lag");
  });
});
