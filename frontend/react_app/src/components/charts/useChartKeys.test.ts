import { describe, expect, it } from "vitest";

import { chartMove, windowAround } from "./useChartKeys";

const state = { nBars: 1_000, bar: 500 as number | null, window: { first: 400, last: 599 } };

describe("chartMove", () => {
  it("walks bar by bar, or by a tenth of the window with Shift", () => {
    expect(chartMove("ArrowLeft", false, state)).toEqual({ kind: "bar", index: 499 });
    expect(chartMove("ArrowRight", false, state)).toEqual({ kind: "bar", index: 501 });
    expect(chartMove("ArrowRight", true, state)).toEqual({ kind: "bar", index: 520 });
  });

  it("starts at the newest bar on screen, and stays inside the data", () => {
    expect(chartMove("ArrowLeft", false, { ...state, bar: null })).toEqual({ kind: "bar", index: 599 });
    expect(chartMove("ArrowRight", false, { ...state, bar: 999 })).toEqual({ kind: "bar", index: 999 });
    expect(chartMove("ArrowLeft", true, { ...state, bar: 3 })).toEqual({ kind: "bar", index: 0 });
  });

  it("pans, zooms and shows all", () => {
    expect(chartMove("PageUp", false, state)).toEqual({ kind: "window", window: { first: 380, last: 579 } });
    expect(chartMove("+", false, state)).toEqual({ kind: "window", window: { first: 440, last: 599 } });
    expect(chartMove("-", false, state)).toEqual({ kind: "window", window: { first: 350, last: 599 } });
    expect(chartMove("0", false, state)).toEqual({ kind: "window", window: { first: 0, last: 999 } });
    expect(chartMove("Escape", false, state)).toEqual({ kind: "bar", index: null });
    expect(chartMove("x", false, state)).toBeNull();
  });
});

describe("windowAround", () => {
  it("follows the bar when it leaves the screen", () => {
    expect(windowAround(state.window, 500, 1_000)).toEqual(state.window);
    expect(windowAround(state.window, 610, 1_000)).toEqual({ first: 411, last: 610 });
    expect(windowAround(state.window, 390, 1_000)).toEqual({ first: 390, last: 589 });
  });
});
