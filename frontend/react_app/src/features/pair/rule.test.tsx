import { screen } from "@testing-library/react";
import { fireEvent } from "@testing-library/dom";
import { describe, expect, it, vi } from "vitest";

import { withSignal } from "@/lib/queries";
import { renderInApp } from "@/testing/render";
import { makeQuick, makeSignal, ROLLING } from "@/testing/walkFixtures";

import { RuleSlider } from "./components/RuleSlider";
import { quickRequest, readValues, startValues, valueWords, withValue, writeValues } from "./ruleSettings";
import { onEveryBar, placeTrades, rolling, tradeMarkers, zScores } from "./ruleStack";
import { signalMarkers } from "./signalWords";

const START = startValues(ROLLING, { entry_z: 2, exit_z: 0.5 }, 60);
const DAYS = ["2020-01-02", "2020-01-03", "2020-01-06"].map((day) => `${day}T21:00:00Z`);

describe("the sliders of a rule", () => {
  it("start with the rule's defaults, one's own entry and exit, and the page's window", () => {
    expect(START).toEqual({ window: 60, entry_z: 2, exit_z: 0.5, stop_z: null });
    expect(startValues(ROLLING, { entry_z: 9, exit_z: 0.5 }, 2)).toMatchObject({ window: 5, entry_z: 5 });
  });
  it("come back from an address as they went, and nonsense does not", () => {
    const moved = { ...START, entry_z: 2.5, stop_z: 4 };
    const text = writeValues(moved, START);
    expect(text).toBe("entry_z:2.5,stop_z:4");
    expect(readValues(text, ROLLING, START)).toEqual(moved);
    expect(writeValues(START, START)).toBeUndefined();
    expect(readValues("entry_z:x,evil:3,window:,stop_z:off", ROLLING, START)).toEqual(START);
    expect(readValues("entry_z:99", ROLLING, START).entry_z).toBe(5);
  });
  it("push along what they would contradict", () => {
    expect(withValue(START, "exit_z", 2.5)).toMatchObject({ exit_z: 2.5, entry_z: 2.55 });
    expect(withValue({ ...START, stop_z: 3 }, "entry_z", 3.2)).toMatchObject({ entry_z: 3.2, stop_z: 3.3 });
    expect(withValue(START, "entry_z", 0.5)).toMatchObject({ exit_z: 0.45 });
    expect(withValue({ ...START, stop_z: 3 }, "stop_z", 1.5)).toMatchObject({ stop_z: 1.5, entry_z: 1.45 });
  });
  it("ask for trading after the formation window, where one was asked for", () => {
    expect(quickRequest(["KO", "PEP"], "rolling", START, {}, "2022-12-28")).not.toHaveProperty("start_date");
    expect(quickRequest(["KO", "PEP"], "rolling", START, { end_date: "2019-12-31" }, "2022-12-28").start_date).toBe("2020-01-01");
  });
  it("leave the days to the server where no bar comes after the formation window", () => {
    expect(quickRequest(["KO", "PEP"], "rolling", START, { end_date: "2022-12-28" }, "2022-12-28")).not.toHaveProperty("start_date");
    expect(quickRequest(["KO", "PEP"], "rolling", START, { end_date: "2022-12-31" }, "2022-12-28")).not.toHaveProperty("start_date");
    expect(quickRequest(["KO", "PEP"], "rolling", START, { end_date: "2022-12-27" }, "2022-12-28").start_date).toBe("2022-12-28");
  });
  it("are off at their right end, and say so", () => {
    const onChange = vi.fn();
    const stop = ROLLING.parameters[3];
    if (!stop) throw new Error("no stop");
    renderInApp(<RuleSlider setting={stop} value={null} onChange={onChange} />);
    const slider = screen.getByRole("slider", { name: "Stop at z" });
    expect(slider).toHaveAttribute("aria-valuetext", "off");
    fireEvent.change(slider, { target: { value: "4" } });
    expect(onChange).toHaveBeenLastCalledWith(4);
    expect(valueWords(stop, 4)).toBe("4 σ");
  });
});

describe("what stands on the panes", () => {
  it("takes mean and deviation of whole windows only", () => {
    const { mean, std } = rolling([1, 3, null, 2, 4], 2);
    expect(mean).toEqual([null, 2, null, null, 3]);
    expect(std[1]).toBeCloseTo(Math.SQRT2);
    expect(zScores([1, 3, null, 2, 4], { mean, std })[4]).toBeCloseTo(Math.SQRT1_2);
  });
  it("lays a sampled account on every bar, and invents none beyond", () => {
    const seconds = DAYS.map((day) => Date.parse(day) / 1000);
    const [first, , last] = DAYS as [string, string, string];
    expect(onEveryBar(seconds, [first, last], [1, 1.04])).toEqual([1, expect.closeTo(1.01, 6), 1.04]);
    expect(onEveryBar(seconds, [last], [1])).toEqual([null, null, 1]);
  });
  it("marks entries by side, exits as dots, and the open trade to the end", () => {
    const placed = placeTrades(DAYS, makeQuick().trades);
    expect(placed.map(({ first, last }) => [first, last])).toEqual([[1, 2], [2, 2]]);
    const markers = tradeMarkers(placed, "t0");
    expect(markers.map(({ id, shape, index, strong }) => [id, shape, index, strong])).toEqual([
      ["t0", "up", 1, true],
      ["t0", "dot", 2, true],
      ["t1", "down", 2, false],
    ]);
  });
  it("shows signals of the bars on screen, the newest first in the list and each once", () => {
    const old = makeSignal({ id: 9, timestamp: "2010-01-04T21:00:00Z" });
    expect(signalMarkers(DAYS, [old, makeSignal()], null).map(({ id, index }) => [id, index])).toEqual([["s1", 1]]);
    const known = { count: 1, results: [makeSignal()] };
    const news = makeSignal({ id: 2, timestamp: "2020-01-06T21:00:00Z", signal_type: "EXIT_LONG" });
    const after = withSignal(known, news);
    expect([after.count, ...after.results.map(({ id }) => id)]).toEqual([2, 2, 1]);
    expect(withSignal(after, { ...news, processed: true }).count).toBe(2);
  });
});
