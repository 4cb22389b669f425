import { describe, expect, it } from "vitest";

import { makeBacktest, makeRule } from "@/testing/backtestFixtures";
import { makePreferences } from "@/testing/fixtures";
import { makeSweep } from "@/testing/sweepFixtures";

import { checkRun, likeSweep, mapRefusals, parsePairs, startForm, toRequest } from "./runForm";
import type { NewBacktestSearch } from "./search";

const rule = makeRule();
const start = (search: NewBacktestSearch = {}, given: Partial<Parameters<typeof startForm>[0]> = {}) =>
  startForm({ rules: [rule], preferences: makePreferences({ entry_z: 2.5, capital: 50_000 }), search, like: null, suggested: null, ...given });
const good = start({ symbol_1: "KO", symbol_2: "PEP" });

describe("the form of a new backtest", () => {
  it("is ready to run from preferences and the pair it was opened with", () => {
    expect(checkRun(good, rule)).toEqual({});
    expect(toRequest(good, rule)).toMatchObject({
      kind: "pair",
      pairs: [["KO", "PEP"]],
      rule: "rolling",
      parameters: { window: 60, entry_z: 2.5, exit_z: 0.5, stop_z: null },
      limits: { gross: 2 },
      capital: 50_000,
      costs: undefined,
      start_date: undefined,
    });
  });

  it("takes the first watched pair where nothing else is said", () => {
    expect(start({}, { suggested: ["PG", "JNJ"] })).toMatchObject({ symbol_1: "PG", symbol_2: "JNJ" });
    expect(start({ symbol_1: "KO" }, { suggested: ["PG", "JNJ"] })).toMatchObject({ symbol_1: "KO", symbol_2: "" });
  });

  it("trades the best of a scan, or the candidates chosen there", () => {
    expect(toRequest(start({ scan: 4 }), rule)).toMatchObject({ kind: "selection", scan: 4, top: 10 });
    const chosen = start({ pairs: "KO~PEP,BRK.B~MMM" });
    expect(toRequest(chosen, rule)).toMatchObject({ kind: "list", pairs: [["KO", "PEP"], ["BRK.B", "MMM"]] });
  });

  it("starts from a combination of a sweep, on its account and period", () => {
    const sweep = makeSweep();
    const like = likeSweep(sweep, "entry_z:2.25,stop_z:off");
    const form = start({ sweep: 5 }, { like });
    expect(toRequest(form, rule, like)).toMatchObject({
      kind: "pair",
      pairs: [["KO", "PEP"]],
      costs: sweep.costs,
      capital: 100_000,
      start_date: "2016-04-29",
      parameters: { entry_z: 2.25, exit_z: 0.5 },
    });
  });
  it("starts from another run with everything it had", () => {
    const like = makeBacktest({ rule: "rolling", capital: 7_000 });
    const form = start({}, { like });
    expect(toRequest(form, rule, like)).toMatchObject({ capital: 7_000, costs: like.costs, start_date: "2016-01-04", parameters: { entry_z: 2 } });
  });

  it("says contradictions at the field to change", () => {
    const wrong = { ...good, parameters: { ...good.parameters, exit_z: "3", stop_z: "2" }, symbol_2: "ko", capital: "0", fraction: "300" };
    const errors = checkRun(wrong, rule);
    expect(Object.keys(errors).sort()).toEqual(["capital", "fraction", "parameters.exit_z", "parameters.stop_z", "symbol_2"]);
    expect(errors["parameters.exit_z"]).toMatch(/Below entry \(2\.5\)/);
    expect(checkRun({ ...good, start_date: "2020-01-02", end_date: "2020-01-01" }, rule)).toHaveProperty("end_date");
    expect(checkRun({ ...good, parameters: { ...good.parameters, window: "" } }, rule)["parameters.window"]).toBe("Give a number.");
    expect(checkRun({ ...good, parameters: { ...good.parameters, window: "3" } }, rule)["parameters.window"]).toBe("Between 5 and 250.");
  });

  it("reads pairs in any usual way, and says which are none", () => {
    expect(parsePairs("ko / pep\nXOM CVX;brk.b~MMM")).toEqual({ pairs: [["KO", "PEP"], ["XOM", "CVX"], ["BRK.B", "MMM"]], wrong: [] });
    expect(parsePairs("KO/KO\nKO").wrong).toEqual(["KO/KO", "KO"]);
    expect(checkRun({ ...good, kind: "list", list: "KO/KO" }, rule).list).toContain("KO/KO");
  });

  it("puts the server's refusals at their fields and keeps the rest in words", () => {
    const { errors, rest } = mapRefusals(
      { exit_z: ["Not below entry."], "parameters.window": ["Too long."], pairs: ["KO has no bars."], "limits.gross": ["No."], universe: ["Odd."] },
      good,
    );
    expect(errors).toEqual({ "parameters.exit_z": "Not below entry.", "parameters.window": "Too long.", symbol_1: "KO has no bars.", gross: "No." });
    expect(rest).toEqual(["universe: Odd."]);
  });
});
