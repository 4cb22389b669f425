import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { renderInApp } from "@/testing/render";
import { makeJudged } from "@/testing/walkFixtures";

import { apart, fanOf } from "./fan";
import { OverfittingPanel } from "./OverfittingPanel";
import { annual, findings, luck, verdict } from "./words";

const NOTHING = { deflated: null, overfitting: null, monte_carlo: null };

describe("the judgement in words", () => {
  it("sets the run against the luckiest of all tries, a year", () => {
    const both = luck(makeJudged(), 252);
    expect(both?.shown).toBeCloseTo(0.05 * Math.sqrt(252));
    expect(both?.byLuck).toBeCloseTo(annual(0.08, 252));
    const [deflated] = findings(makeJudged());
    expect(deflated).toMatchObject({ answer: "31 % sure: no", standing: "poor" });
    expect(deflated?.why).toContain("480 configurations were tried");
    expect(deflated?.why).toContain("+1.27 by luck alone; this run shows +0.79");
  });
  it("is convinced from 95 % on, and not before", () => {
    const of = (probability: number) => {
      const { deflated } = makeJudged();
      return findings(makeJudged({ deflated: deflated && { ...deflated, probability } }))[0]?.standing;
    };
    expect([of(0.949), of(0.95)]).toEqual(["poor", "good"]);
  });
  it("compares the record with what is needed", () => {
    const track = (bars: number | null) => findings(makeJudged(), bars)[2];
    expect(track(252)).toMatchObject({ answer: "Needs 2.0 years, has 1.0", standing: "poor" });
    expect(track(756)?.standing).toBe("good");
    expect(track(null)?.standing).toBe("unknown");
  });
  it("says nothing of what is not known", () => {
    expect(findings(NOTHING).map(({ standing }) => standing)).toEqual(Array(4).fill("unknown"));
    expect(verdict(findings(NOTHING))).toMatch(/Nothing can be said/);
    expect(verdict(findings(makeJudged(), 756))).toBe("3 questions of 4 not answered in its favour: it may be luck.");
  });
});

describe("the fan of paths", () => {
  it("measures gains from the start and keeps its labels apart", () => {
    const stress = makeJudged().monte_carlo?.resampled;
    const fan = stress && fanOf(stress, 100, 40);
    expect(fan?.areas).toHaveLength(1);
    expect(fan?.ends.map(({ gain }) => Number(gain.toFixed(2)))).toEqual([-0.1, 0.1, 0.3]);
    expect(fan?.ends[2]?.y).toBe(0);
    expect(apart([10, 0, 11], 14)).toEqual([14, 0, 28]);
    expect(fanOf({ at: [0], bands: [[1]], levels: [0.5] }, 100, 40)).toBeNull();
  });
  it("stands in the panel beside its sentence", () => {
    renderInApp(<OverfittingPanel results={makeJudged()} nBars={756} />);
    expect(screen.getByRole("button", { name: "Is it more than the luckiest of many tries?" })).toBeVisible();
    expect(screen.getByText(/500 paths drawn again/)).toHaveTextContent("40 % of them fall as deep");
    expect(screen.getByText("1 in 20: −10.0 % or less")).toBeVisible();
  });
});
