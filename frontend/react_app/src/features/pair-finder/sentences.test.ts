import { describe, expect, it } from "vitest";

import { shortPercent } from "@/lib/scanWords";

import { chance, ownNull, skippedWords, survivors, truth } from "./sentences";

const scan = {
  n_tests: 1_190,
  n_skipped: 0,
  n_discoveries: 9,
  n_nominal: 121,
  expected_by_chance: 59.5,
  parameters: { alpha: 0.05, fdr: "by" as const },
};

describe("the sentences of a scan", () => {
  it("say how many pairs survive, at which level", () => {
    expect(survivors(scan)).toBe("9 of 1,190 pairs survive at 5 % (BY).");
    expect(survivors({ ...scan, n_discoveries: 1 })).toBe("1 of 1,190 pairs survives at 5 % (BY).");
    expect(survivors({ ...scan, n_discoveries: 0, parameters: { alpha: 0.125, fdr: "bh" } })).toBe(
      "None of 1,190 pairs survives at 12.5 % (BH).",
    );
  });

  it("stay true for one pair and for none", () => {
    expect(survivors({ ...scan, n_tests: 1, n_discoveries: 1 })).toBe("The one pair tested survives at 5 % (BY).");
    expect(survivors({ ...scan, n_tests: 1, n_discoveries: 0 })).toBe("The one pair tested does not survive at 5 % (BY).");
    expect(survivors({ ...scan, n_tests: 0 })).toBe("No pair could be tested.");
    expect(chance({ ...scan, n_tests: 0 })).toBeNull();
  });

  it("say what chance alone would give", () => {
    expect(chance(scan)).toBe("Chance alone would give about 60 with p < 5 %; 121 were below.");
    expect(chance({ ...scan, expected_by_chance: 9.5, n_nominal: 1 })).toBe(
      "Chance alone would give about 9.5 with p < 5 %; 1 was below.",
    );
    expect(chance({ ...scan, expected_by_chance: 3, n_nominal: 0 })).toBe(
      "Chance alone would give about 3 with p < 5 %; none was below.",
    );
  });

  it("say what the scan finds on its own null, where that was drawn", () => {
    expect(ownNull({ null_discoveries: 0.4, null_draws: 20 })).toBe(
      "On its own null, where nothing is cointegrated, the same scan makes 0.4 discoveries (mean of 20 draws).",
    );
    expect(ownNull({ null_discoveries: 1, null_draws: 1 })).toBe(
      "On its own null, where nothing is cointegrated, the same scan makes 1 discovery (one draw).",
    );
    expect(ownNull({ null_discoveries: 0, null_draws: 8 })).toContain("makes 0 discoveries");
    expect(ownNull({ null_discoveries: null, null_draws: null })).toBeNull();
  });

  it("compare with the truth", () => {
    expect(truth({ n_planted: 12, n_found: 9, n_false: 1 })).toBe(
      "Of 12 planted pairs 9 were found and 3 missed; 1 survivor is false.",
    );
    expect(truth({ n_planted: 1, n_found: 1, n_false: 0 })).toBe(
      "Of 1 planted pair 1 was found and 0 missed; no survivor is false.",
    );
    expect(truth({ n_planted: 2, n_found: 0, n_false: 2 })).toBe(
      "Of 2 planted pairs 0 were found and 2 missed; 2 survivors are false.",
    );
  });

  it("count what could not be tested", () => {
    expect(skippedWords({ n_skipped: 0 })).toBeNull();
    expect(skippedWords({ n_skipped: 1 })).toBe("1 pair could not be tested");
    expect(skippedWords({ n_skipped: 1_200 })).toBe("1,200 pairs could not be tested");
  });

  it("write percentages without rounding dirt", () => {
    expect([0.05, 0.07, 0.001, 0.1].map(shortPercent)).toEqual(["5 %", "7 %", "0.1 %", "10 %"]);
  });
});
