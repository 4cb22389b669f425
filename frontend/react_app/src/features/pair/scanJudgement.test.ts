import { describe, expect, it } from "vitest";

import { judgement, otherLook, rowOf } from "./scanJudgement";

const legs = ["KO", "PEP"] as const;
const scan: Parameters<typeof judgement>[0] = {
  id: 1,
  n_tests: 190,
  symbols: ["KO", "PEP", "XOM"],
  completed_at: "2026-01-05T10:00:00Z",
  start_date: "2012-12-28",
  end_date: "2022-12-28",
  parameters: { alpha: 0.05, fdr: "by", trend: "c" },
  job: { status: "COMPLETED" },
};
const row = {
  symbol_1: "PEP",
  symbol_2: "KO",
  rank: 9,
  qvalue: 1,
  is_discovery: false,
  hypothesis_pvalue: 0.012,
  outlier_pvalue: 0.02,
  outlier_driven: false,
};

describe("the scan's judgement", () => {
  it("says rank, q and fate, with every test counted", () => {
    expect(judgement(scan, row, legs)).toBe(
      "In scan 1 this pair ranks 9 of 190; after correcting for all 190 tests q > 0.999: it does not survive at 5 % (BY).",
    );
    const found = { ...row, rank: 1, qvalue: 0.0123, is_discovery: true };
    expect(judgement({ ...scan, n_tests: 19_900, parameters: { alpha: 0.125, fdr: "bh", trend: "c" } }, found, legs)).toBe(
      "In scan 1 this pair ranks 1 of 19,900; after correcting for all 19,900 tests q = 0.012: it survives at 12.5 % (BH).",
    );
    expect(judgement(scan, { ...found, qvalue: 1e-9 }, legs)).toContain("q < 1e−6: it survives");
  });

  it("does not speak of a correction where one pair was tested", () => {
    expect(judgement({ ...scan, n_tests: 1 }, { ...row, rank: 1, qvalue: 0.04, is_discovery: true }, legs)).toBe(
      "Scan 1 tested this pair alone, q = 0.040: it survives at 5 % (BY).",
    );
  });

  it("says when the finding hangs on outliers", () => {
    const driven = { ...row, is_discovery: true, qvalue: 0.03, hypothesis_pvalue: 0.0002, outlier_pvalue: 0.34, outlier_driven: true };
    expect(judgement(scan, driven, legs)).toMatch(
      /it survives at 5 % \(BY\)\. ▲ It hangs on three bars: without them pair p = 0\.340 instead of 2\.0e−4\.$/,
    );
    expect(judgement(scan, { ...row, outlier_driven: null, outlier_pvalue: null }, legs)).not.toContain("▲");
  });

  it("says why there is none", () => {
    expect(judgement(scan, null, ["KO", "WMT"])).toBe("Scan 1 did not test this pair: WMT is not among its symbols.");
    expect(judgement(scan, null, ["A", "B"])).toBe("Scan 1 did not test this pair: A and B are not among its symbols.");
    expect(judgement(scan, null, legs)).toBe("Scan 1 did not test this pair; what it left out, and why, stands with the scan.");
    const open = { ...scan, completed_at: null };
    expect(judgement({ ...open, job: { status: "RUNNING" } }, null, legs)).toContain("still at work");
    expect(judgement({ ...open, job: { status: "CANCELLED" } }, null, legs)).toContain("ended without a result");
  });

  it("finds the pair whichever leg comes first, and no other", () => {
    expect(rowOf([{ ...row, symbol_2: "XOM" }, row], legs)).toBe(row);
    expect(rowOf([{ ...row, symbol_2: "XOM" }], legs)).toBeNull();
  });

  it("tells another look from the scan's own", () => {
    const own = { start_date: "2012-12-28", end_date: "2022-12-28" };
    // A window may begin on a day without a bar: what was asked for counts, not the first bar found.
    expect(otherLook(scan, own, { ...own, start_date: "2012-12-31" })).toBeNull();
    expect(otherLook(scan, {}, own)).toBeNull();
    expect(otherLook(scan, { ...own, trend: "ct" }, own)).toContain("another trend");
    expect(otherLook(scan, { ...own, start_date: "2000-01-03" }, own)).toContain("other days than the scan's (2012-12-28 – 2022-12-28)");
    expect(otherLook({ ...scan, start_date: null, end_date: null }, {}, own)).toContain("(first bar – last bar)");
  });
});
