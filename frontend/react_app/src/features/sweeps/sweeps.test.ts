import { describe, expect, it } from "vitest";

import { parseSettings, settingsText } from "@/lib/settingWords";
import { makeBacktest } from "@/testing/backtestFixtures";
import { makePreferences } from "@/testing/fixtures";
import { makeCloud, makeSearch, makeSurface, makeSweep, SWEEP_RULE } from "@/testing/sweepFixtures";

import { marksOf } from "./components/HeatMap";
import { checkForm, combinations, likeOf, mapRefusals, startForm, toRequest, usualRange, type FormValues, type Like } from "./form";
import { atX, boxOf, cellAt, cloudOf, dotAt, labelled, ticksOf } from "./plot";
import { parseSweepSearch, parseSweepsSearch, type SweepsSearch } from "./search";
import { legendOf, scaleOf, shadeOf } from "./shades";
import { askedWords, countWords, luckShare, verdictWords } from "./words";

const rules = [SWEEP_RULE];
const start = (search: SweepsSearch = { symbol_1: "KO", symbol_2: "PEP" }, like: Like | null = null) =>
  startForm({ rules, preferences: makePreferences({ entry_z: 2, exit_z: 0.5, capital: 50_000 }), search, like });
const change = (form: FormValues, name: string, patch: object): FormValues => ({
  ...form,
  settings: { ...form.settings, [name]: { ...form.settings[name], ...patch } as FormValues["settings"][string] },
});

describe("the form", () => {
  it("starts with ranges of the rule's own description, on its steps and within its bounds", () => {
    const window = SWEEP_RULE.parameters[0]!;
    expect(usualRange(window, 60)).toEqual({ from: 19, to: 101 });
    expect(usualRange(window, 5)).toEqual({ from: 5, to: 46 });
    const stop = SWEEP_RULE.parameters[3]!;
    expect(usualRange(stop, null)).toEqual({ from: 1.8, to: 4.8 });
    expect(checkForm(start(), SWEEP_RULE)).toEqual({});
    expect(checkForm(start({ symbol_1: "KO", symbol_2: "PEP", method: "search" }), SWEEP_RULE)).toEqual({});
  });
  it("asks for a grid: what varies with its ends and number, the rest fixed", () => {
    const form = start();
    expect(combinations(form)).toBe(49);
    expect(toRequest(form)).toEqual({
      pair: ["KO", "PEP"],
      rule: "rolling",
      method: "grid",
      grid: { window: { from: 19, to: 101, n: 7 }, entry_z: { from: 1.25, to: 2.75, n: 7 } },
      parameters: { exit_z: 0.5, stop_z: null, time_stop: 0, hedge_window: 0 },
      capital: 50_000,
      start_date: undefined,
      end_date: undefined,
    });
  });
  it("asks for a search: ranges with step or ratio, points and seed", () => {
    const form = change(change(start({ symbol_1: "KO", symbol_2: "PEP", method: "search" }), "window", { log: true }), "entry_z", { step: "0.25" });
    const { method, ranges, n_trials, seed, grid } = toRequest(form);
    expect({ method, n_trials, seed, grid }).toEqual({ method: "search", n_trials: 200, seed: 1, grid: undefined });
    expect(ranges).toEqual({
      window: { from: 19, to: 101, log: true },
      entry_z: { from: 1.25, to: 2.75, step: 0.25 },
      exit_z: { from: -0.35, to: 1.35 },
    });
  });
  it("starts from a backtest with its settings, period and costs", () => {
    const run = makeBacktest({ pairs: [["XOM", "CVX"]], parameters: { window: 40, entry_z: 3, exit_z: 0, stop_z: 4, time_stop: 0 }, capital: 7_000 });
    const like = likeOf(run);
    const form = start({ like: 1 }, like);
    expect([form.symbol_1, form.symbol_2, form.costs, form.start_date]).toEqual(["XOM", "CVX", "own", run.start_date]);
    expect(form.settings.stop_z?.value).toBe("4");
    expect(toRequest(form, like)).toMatchObject({ capital: 7_000, costs: run.costs, parameters: { stop_z: 4 } });
  });
  it("starts from another sweep with what that one varied", () => {
    const grid = start({ again: 5 }, likeOf(makeSweep()));
    expect(toRequest(grid).grid).toEqual({ window: { from: 40, to: 60, n: 2 }, entry_z: { from: 1.5, to: 2.5, n: 3 } });
    const search = start({ again: 5 }, likeOf(makeSearch()));
    expect(toRequest(search)).toMatchObject({ method: "search", n_trials: 60, seed: 7, ranges: { window: { from: 10, to: 90, log: true }, entry_z: { from: 1, to: 3, step: 0.1 } } });
  });
  it("says what is wrong at its field", () => {
    const form = start();
    const wrong = (name: string, patch: object) => Object.keys(checkForm(change(form, name, patch), SWEEP_RULE));
    expect(wrong("window", { from: "2" })).toContain("settings.window.from");
    expect(wrong("window", { from: "30.5" })).toContain("settings.window.from");
    expect(wrong("window", { to: "19" })).toContain("settings.window.to");
    expect(wrong("window", { n: "1" })).toContain("settings.window.n");
    expect(wrong("exit_z", { value: "2.9" })).toContain("settings.exit_z.value");
    expect(wrong("stop_z", { value: "1" })).toContain("settings.stop_z.value");
    expect(wrong("time_stop", { value: "" })).toContain("settings.time_stop.value");
    expect(checkForm({ ...form, symbol_2: "KO" }, SWEEP_RULE).symbol_2).toMatch(/no spread with itself/);
    const none = change(change(form, "window", { varies: false }), "entry_z", { varies: false });
    expect(checkForm(none, SWEEP_RULE).settings).toMatch(/at least one/);
    expect(checkForm(change(change(form, "window", { n: "400" }), "entry_z", { n: "400" }), SWEEP_RULE).settings).toMatch(/160,000 combinations/);
  });
  it("says what is wrong in a search", () => {
    const form = start({ symbol_1: "KO", symbol_2: "PEP", method: "search" });
    const wrong = (name: string, patch: object) => checkForm(change(form, name, patch), SWEEP_RULE);
    expect(wrong("entry_z", { step: "9" })).toHaveProperty(["settings.entry_z.step"]);
    expect(wrong("exit_z", { log: true })).toHaveProperty(["settings.exit_z.from"]);
    expect(wrong("entry_z", { log: true, step: "0.5" })).toHaveProperty(["settings.entry_z.step"]);
    expect(checkForm({ ...form, n_trials: "1" }, SWEEP_RULE).n_trials).toBeDefined();
    expect(checkForm({ ...form, seed: "x" }, SWEEP_RULE).seed).toBeDefined();
  });
  it("puts the server's refusals at their fields", () => {
    const { errors, rest } = mapRefusals({ "grid.window": ["Too short."], grid: ["Contradicts."], pairs: ["No spread."], "parameters.exit_z": ["No."], sizing: ["Kelly."] }, start());
    expect(errors).toEqual({ "settings.window.from": "Too short.", settings: "Contradicts.", symbol_2: "No spread.", "settings.exit_z.value": "No." });
    expect(rest).toEqual(["sizing: Kelly."]);
  });
});

describe("the address", () => {
  it("keeps what makes sense and drops the rest", () => {
    expect(parseSweepsSearch({ symbol_1: "ko", method: "search", like: "x" })).toEqual({ symbol_1: "KO", method: "search" });
    expect(parseSweepSearch({ x: "entry_z", y: "<b>", metric: "n_trades", chosen: "4", order: "-sharpe_ratio" })).toEqual({ x: "entry_z", metric: "n_trades", chosen: 4, order: "-sharpe_ratio" });
    expect(parseSweepSearch({ chosen: 0, order: "a b" })).toEqual({});
  });
  it("holds settings, those that are off too", () => {
    const settings = { entry_z: 2.25, stop_z: null, window: 40 };
    expect(settingsText(settings)).toBe("entry_z:2.25,stop_z:off,window:40");
    expect(parseSettings(settingsText(settings))).toEqual(settings);
    expect(parseSettings("entry_z:x,__proto__,B:1,window:")).toEqual({});
  });
});

describe("shades", () => {
  it("part at zero where zero parts good from bad", () => {
    const scale = scaleOf([0.5, -2, null], true);
    expect(scale).toEqual({ signed: true, low: 0, high: 2 });
    expect([2, 0.1, 0, -0.1, -2, null].map((value) => shadeOf(scale, value))).toEqual([4, 1, 1, -1, -4, null]);
    expect(legendOf(scale).map(({ shade }) => shade)).toEqual([-4, -3, -2, -1, 1, 2, 3, 4]);
  });
  it("run from least to most elsewhere", () => {
    const scale = scaleOf([10, 30], false);
    expect([10, 20, 30].map((value) => shadeOf(scale, value))).toEqual([1, 2, 4]);
    expect(legendOf(scale).at(-1)).toEqual({ shade: 4, from: 25, to: 30 });
  });
  it("survive nothing and equals", () => {
    expect(scaleOf([null], true).high).toBe(1);
    expect(shadeOf(scaleOf([3, 3], false), 3)).toBe(1);
    expect(shadeOf(scaleOf([0, 0], true), 0)).toBe(1);
  });
});

describe("the drawing", () => {
  const surface = makeSurface();
  it("finds the cell under the pointer, rows rising", () => {
    for (const [column, row] of [[0, 0], [1, 2], [0, 1]] as const) {
      const { x, y, width, height } = boxOf(surface, column, row);
      expect(cellAt(surface, x + width / 2, y + height / 2)).toEqual({ x: surface.x_values[column], y: surface.y_values[row], value: surface.values[row]?.[column], number: surface.numbers[row]?.[column] });
    }
    expect(cellAt(surface, 10, 10)).toBeNull();
    expect(boxOf(surface, 0, 2).y).toBeLessThan(boxOf(surface, 0, 0).y);
  });
  it("marks best, plateau and chosen once a cell", () => {
    expect(marksOf(surface, 6)).toEqual([
      { column: 0, row: 1, word: "best" },
      { column: 1, row: 1, word: "plateau" },
      { column: 1, row: 2, word: "chosen" },
    ]);
    expect(marksOf({ ...surface, plateau: surface.best }, 2)).toEqual([{ column: 0, row: 1, word: "best, plateau, chosen" }]);
  });
  it("puts points where their values are, by ratio where the range is", () => {
    const cloud = cloudOf(makeCloud(), makeSearch().ranges);
    if (cloud === null) throw new Error("a search has points");
    const [, middle, last] = cloud.dots;
    expect(cloud.dots.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(middle?.cx).toBeCloseTo((atX(cloud.x, 10) + atX(cloud.x, 90)) / 2);
    expect(dotAt(cloud, (last?.cx ?? 0) + 3, last?.cy ?? 0)?.number).toBe(3);
    expect(dotAt(cloud, 300, 30)).toBeNull();
  });
  it("draws one setting against its values", () => {
    const cloud = cloudOf(makeCloud({ y: null, points: { number: [1, 2], x: [10, 90], y: [], value: [1, null] } }), makeSearch().ranges);
    expect(cloud?.dots).toMatchObject([{ number: 1, value: 1, y: null }]);
    expect(cloud?.y).toMatchObject({ low: 0, high: 1 });
  });
  it("writes at round places", () => {
    expect(ticksOf({ low: 1, high: 3, log: false })).toEqual([1, 1.5, 2, 2.5, 3]);
    expect(ticksOf({ low: 10, high: 1000, log: true }, 3)).toEqual([10, 100, 1000]);
    expect(labelled(30, 14)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  });
});

describe("the words", () => {
  it("take luck off the best", () => {
    expect(luckShare(makeSweep().summary!)).toBeCloseTo(0.5);
    expect(verdictWords(makeSweep())).toBe(
      "Best of 6: Sharpe ratio +1.20 ± 0.40. Of as many worthless settings as were looked at here so far (6), the luckiest would show +0.63: 50 % of it.",
    );
    const worse = makeSweep();
    worse.summary!.deflated.sr0 = 0.2;
    expect(verdictWords(worse)).toMatch(/no less than this best/);
    worse.summary!.deflated.sharpe = -0.1;
    expect(verdictWords(worse)).toMatch(/nothing in it/);
  });
  it("say what was tried and counted", () => {
    expect(askedWords(makeSweep())).toContain("entry 1.5 to 2.5 (3 values)");
    expect(askedWords(makeSearch())).toEqual(expect.arrayContaining(["window 10 to 90, by ratio", "entry 1 to 3 in steps of 0.1", "60 points asked for, seed 7"]));
    expect(countWords(makeSearch())).toBe("50 combinations run and counted as trials, 4 contradicted themselves and were left out, 6 asked for again.");
  });
});
