import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { makeMe } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";
import { makeSearch, makeSweep } from "@/testing/sweepFixtures";
import { makeChosen, makeWalkForward, makeWindow } from "@/testing/walkFixtures";

import { WindowTable } from "./components/WindowTable";
import { checkForm, combinations, gridOf, parseGrid, startForm, toRequest } from "./form";
import { parseWalkForwardSearch, parseWalkForwardsSearch } from "./search";
import { liveWindow } from "./useWalkForwardJob";
import { isShort, kept, pairRows, place, sharedScale, stability, tally } from "./windows";
import { askedWords, luckWords, verdictWords } from "./words";

const form = startForm({}, makeMe().preferences, "1");

describe("the form", () => {
  it("asks for a universe with the grid as lists", () => {
    expect(checkForm(form)).toEqual({});
    expect(combinations(form)).toBe(6);
    expect(toRequest(form)).toMatchObject({ universe: 1, top: 5, train_bars: 504, grid: { entry_z: [1.5, 2, 2.5], window: [40, 60] } });
    expect(toRequest(form)).not.toHaveProperty("pairs");
    expect(toRequest(form).grid).not.toHaveProperty("stop_z");
  });
  it("asks for given pairs without choosing any", () => {
    const pairs = startForm({ pairs: "KO~PEP,XOM~CVX" }, makeMe().preferences, "1");
    expect(pairs.subject).toBe("pairs");
    expect(toRequest(pairs).pairs).toEqual([["KO", "PEP"], ["XOM", "CVX"]]);
    expect(toRequest(pairs)).not.toHaveProperty("top");
  });
  it("starts from what a sweep tried: few values a setting, its pair, costs and other settings kept", () => {
    const sweep = makeSweep({ grid: { window: [20, 30, 40, 50, 60, 70, 80, 90, 100], time_stop: [0, 10] } });
    const form = startForm({ sweep: 5 }, makeMe().preferences, "1", sweep);
    expect(checkForm(form)).toEqual({});
    expect(combinations(form)).toBe(10);
    expect(toRequest(form, sweep)).toMatchObject({
      pairs: [["KO", "PEP"]],
      grid: { window: [20, 40, 60, 80, 100], entry_z: [2], exit_z: [0.5], time_stop: [0, 10] },
      parameters: { hedge_window: 0 },
      costs: sweep.costs,
      capital: 100_000,
    });
    expect(gridOf(makeSearch())).toEqual({ window: [10, 17, 30, 52, 90], entry_z: [1, 1.5, 2, 2.5, 3] });
    const range = { from: 0, to: 1, step: null, log: false };
    expect(gridOf(makeSearch({ ranges: { a: range, b: range, c: range, d: range, e: range } })).e).toEqual([0, 0.5, 1]);
  });
  it("names what contradicts", () => {
    expect(checkForm({ ...form, exit_z: "1.5" }).exit_z).toMatch(/Below every entry/);
    expect(checkForm({ ...form, stop_z: "2.5" }).stop_z).toMatch(/Above every entry/);
    expect(checkForm({ ...form, window: "40.5" }).window).toBeDefined();
    expect(checkForm({ ...form, subject: "pairs", pairs: "KO / KO" }).pairs).toMatch(/two different/);
    expect(checkForm({ ...form, train_bars: "10" }).train_bars).toBeDefined();
    expect(parseGrid("1, x")).toBeNull();
    expect(parseGrid("2 2;3")).toEqual([2, 3]);
  });
});

describe("windows", () => {
  const windows = [makeWindow(1, [1.5, 0.5]), makeWindow(2, [1.2, -2.4], { pairs: [makeChosen(), makeChosen({ symbol_1: "XOM", symbol_2: "CVX", net_pnl: -40, parameters: { entry_z: 1.5 } })] })];
  const short = makeWindow(3, [1.4, -9.2], { test_end: "2017-01-06T21:00:00Z" });

  it("share one scale that holds zero", () => {
    const scale = sharedScale(windows);
    expect(scale).toEqual({ low: -3, high: 2 });
    expect(place(0, scale)).toBeCloseTo(0.6);
    expect(place(99, scale)).toBe(1);
  });
  it("do not let a test of a few bars speak", () => {
    const all = [...windows, short];
    expect(isShort(short, all)).toBe(true);
    expect(sharedScale(all)).toEqual(sharedScale(windows));
    expect(tally(all)).toEqual({ tested: 2, gained: 1, below: 2 });
  });
  it("tell how steady the choice was", () => {
    const [entry] = stability(windows, { entry_z: [1.5, 2], window: [60] });
    expect(entry).toMatchObject({ name: "entry_z", commonest: 2 });
    expect(entry?.rows.map(({ value, counts }) => [value, counts])).toEqual([[2, [1, 1]], [1.5, [0, 1]]]);
    expect(stability(windows, { window: [60] })).toEqual([]);
  });
  it("tell which pairs stayed", () => {
    expect(kept(windows)).toBe(0.5);
    expect(kept(windows.slice(0, 1))).toBeNull();
    const [ko, xom] = pairRows(windows);
    expect([ko?.name, ko?.times, ko?.net]).toEqual(["KO / PEP", 2, 1800]);
    expect(xom?.cells[0]).toBeNull();
  });
  it("stand in a table that a row is chosen from", async () => {
    const onChoose = vi.fn();
    renderInApp(<WindowTable windows={[...windows, short]} expected={4} chosen={2} onChoose={onChoose} />);
    const rows = screen.getAllByRole("row").slice(1);
    expect(rows[0]).toHaveTextContent("+1.50+0.50");
    expect(rows[2]).toHaveTextContent("too short");
    expect(screen.getByText(/1 of 2 tests gained/)).toHaveTextContent("1 of 4 still to come");
    await userEvent.click(within(rows[0]!).getByRole("button"));
    expect(onChoose).toHaveBeenCalledWith(1);
    await userEvent.click(within(rows[1]!).getByRole("button", { pressed: true }));
    expect(onChoose).toHaveBeenLastCalledWith(undefined);
  });
});

describe("words", () => {
  it("say what was kept of what training promised", () => {
    expect(verdictWords(makeWalkForward())).toBe("Out of sample, 2 windows one after the other: Sharpe ratio +0.60 ± 0.30. In training the same choices showed +1.50: 40 % of it was kept.");
    const lost = makeWalkForward();
    const metrics = lost.metrics && { ...lost.metrics, sharpe: { value: -0.1, standard_error: null, n: 9 } };
    expect(verdictWords({ ...lost, metrics })).toMatch(/nothing of it was kept/);
    expect(verdictWords({ ...lost, metrics: null })).toMatch(/Too little/);
    expect(askedWords(lost)).toContain("2 combinations a pair and window");
    expect(luckWords(lost)).toBe("Against the luck of all combinations tried: 40 % sure; 95 % would be convincing.");
    // rounded, it would be a certainty no record gives
    const sure = lost.metrics && { ...lost.metrics, deflated_sharpe: 0.9991 };
    expect(luckWords({ metrics: sure })).toBe("Against the luck of all combinations tried: > 99 % sure.");
  });
  it("take a window's news from the socket, and nothing else", () => {
    const data = { window: 3, n_windows: 8, in_sample_sharpe: 1.2, out_of_sample_sharpe: null };
    expect(liveWindow({ type: "backtest_progress", data })).toEqual(data);
    expect(liveWindow({ type: "backtest_progress", data: { timestamps: [], equity: [] } })).toBeNull();
    expect(liveWindow({ type: "job_update", data })).toBeNull();
  });
  it("read addresses, and drop nonsense", () => {
    expect(parseWalkForwardSearch({ window: "4", from: "2020-01-02", to: "x", table: "1" })).toEqual({ window: 4, from: "2020-01-02", table: true });
    expect(parseWalkForwardsSearch({ universe: "-1", scan: 3 })).toEqual({ scan: 3 });
  });
});
