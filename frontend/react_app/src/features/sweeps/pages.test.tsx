import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { pageOf } from "@/testing/deskFixtures";
import { answer, makeJob, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";
import { makeCloud, makeRow, makeSearch, makeSurface, makeSweep, SWEEP_RULE } from "@/testing/sweepFixtures";

import { SweepPage, SweepsPage } from ".";
import { boxOf } from "./plot";

const none = () => undefined;

function clientFor(...permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}
const trader = () =>
  clientFor("trading.view_sweep", "trading.add_sweep", "trading.delete_sweep", "trading.add_backtestrun", "trading.add_walkforwardrun");

const FORM = {
  "GET /api/v1/strategies/rules/": () => answer([SWEEP_RULE]),
  "GET /api/v1/strategies/cost-models/": () => answer([{ id: "index", title: "Basis points", description: "", costs: {}, needs: [] }]),
  "GET /api/v1/symbols/": () => answer(pageOf()),
  "GET /api/v1/sweeps/": () => answer(pageOf(makeSweep())),
};

const DONE = {
  "GET /api/v1/sweeps/5/": () => answer(makeSweep()),
  "GET /api/v1/sweeps/5/surface/": () => answer(makeSurface()),
  "GET /api/v1/sweeps/5/combinations/": () => answer(pageOf(makeRow(2, 1.2), makeRow(5, 1.0, { window: 60, entry_z: 2 }))),
};

describe("a new sweep", () => {
  it("is asked for with ranges of the rule's own description", async () => {
    const { requests } = serve({ ...FORM, "POST /api/v1/sweeps/": () => answer(makeSweep({ job: makeJob(), summary: null, completed_at: null }), 202) });
    await renderRouted(<SweepsPage search={{ symbol_1: "KO", symbol_2: "PEP" }} />, trader());
    expect(await screen.findByText(/49 combinations of 2 settings/)).toBeVisible();
    await userEvent.setup().click(screen.getByRole("button", { name: "Start" }));
    const asked = requests().find(({ method }) => method === "POST");
    expect(await asked?.clone().json()).toMatchObject({ pair: ["KO", "PEP"], method: "grid", grid: { window: { from: 19, to: 101, n: 7 } } });
  });

  it("turns into a search with points and seed", async () => {
    const { requests } = serve({ ...FORM, "POST /api/v1/sweeps/": () => answer(makeSearch({ job: makeJob(), summary: null, completed_at: null }), 202) });
    await renderRouted(<SweepsPage search={{ symbol_1: "KO", symbol_2: "PEP" }} />, trader());
    const user = userEvent.setup();
    await user.click(await screen.findByText(/^Search: points/));
    expect(screen.getByRole("checkbox", { name: "Vary Exit" })).toBeChecked();
    await user.click(screen.getByRole("checkbox", { name: "Window by ratio" }));
    await user.click(screen.getByRole("button", { name: "Start" }));
    const asked = requests().find(({ method }) => method === "POST");
    expect(await asked?.clone().json()).toMatchObject({ method: "search", n_trials: 200, seed: 1, ranges: { window: { from: 19, to: 101, log: true } } });
  });

  it("says what is wrong at its field, and asks the server nothing", async () => {
    const { asked } = serve(FORM);
    await renderRouted(<SweepsPage search={{ symbol_1: "KO", symbol_2: "PEP" }} />, trader());
    const user = userEvent.setup();
    const from = await screen.findByRole("textbox", { name: "Window, from" });
    await user.clear(from);
    await user.type(from, "2");
    await user.click(screen.getByRole("button", { name: "Start" }));
    expect(from).toHaveAccessibleDescription("Between 5 and 250.");
    expect(from).toHaveFocus();
    expect(asked()).not.toContain("POST /api/v1/sweeps/");
  });

  it("puts a refusal at its field", async () => {
    const fields = { "grid.window": ["The window is longer than the history."] };
    serve({ ...FORM, "POST /api/v1/sweeps/": () => answer({ error: { code: "invalid", message: "No.", fields } }, 400) });
    await renderRouted(<SweepsPage search={{ symbol_1: "KO", symbol_2: "PEP" }} />, trader());
    await userEvent.setup().click(await screen.findByRole("button", { name: "Start" }));
    expect(await screen.findByText("The window is longer than the history.")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("starts from another one", async () => {
    serve({ ...FORM, "GET /api/v1/sweeps/5/": () => answer(makeSearch()) });
    await renderRouted(<SweepsPage search={{ again: 5 }} />, trader());
    expect(await screen.findByRole("textbox", { name: "Points" })).toHaveValue("60");
    expect(screen.getByRole("checkbox", { name: "Vary Exit" })).not.toBeChecked();
  });

  it("is not for those who may only look at pairs", async () => {
    serve(FORM);
    await renderRouted(<SweepsPage search={{}} />, clientFor());
    expect(screen.getByText(/not try rules/)).toBeVisible();
  });
});

describe("a finished sweep", () => {
  it("shows its surface, what to take, and how much is luck", async () => {
    serve(DONE);
    await renderRouted(<SweepPage id={5} search={{}} onSearch={none} />, trader());
    expect(await screen.findByRole("img", { name: /^Sharpe ratio over window and entry\. Best: \+1\.20 at window 40, entry 2\./ })).toBeVisible();
    expect(screen.getByText(/the luckiest would show \+0\.63: 50 % of it/)).toBeVisible();
    const best = screen.getByRole("article", { name: "Best" });
    expect(within(best).getByRole("link", { name: "Backtest this" })).toHaveAttribute("href", expect.stringContaining("set=window%3A40%2Centry_z%3A2"));
    expect(screen.getByRole("article", { name: "On the plateau" })).toHaveTextContent(/window 60, entry 2/);
    expect(screen.getByRole("link", { name: "Walk-forward this" })).toHaveAttribute("href", "/walk-forwards?sweep=5");
    const luck = screen.getByRole("region", { name: "How much of it is luck?" });
    expect(within(luck).getByText(/30 % of the ways/)).toBeVisible();
    expect(within(luck).queryByText("Is the record long enough?")).toBeNull();
  });

  it("is marked by a press on a cell", async () => {
    serve(DONE);
    const onSearch = vi.fn();
    await renderRouted(<SweepPage id={5} search={{}} onSearch={onSearch} />, trader());
    const drawing = await screen.findByRole("img", { name: /^Sharpe ratio/ });
    vi.spyOn(drawing, "getBoundingClientRect").mockReturnValue({ left: 0, top: 0, width: 640, height: 400 } as DOMRect);
    const { x, y } = boxOf(makeSurface(), 1, 1);
    fireEvent.pointerMove(drawing, { clientX: x + 5, clientY: y + 5 });
    expect(screen.getByText("window 60, entry 2: Sharpe ratio +1.00")).toBeVisible();
    fireEvent.click(drawing, { clientX: x + 5, clientY: y + 5 });
    expect(onSearch).toHaveBeenCalledWith({ chosen: 5 }, { replace: true });
  });

  it("changes what is drawn through the address, and swaps the axes", async () => {
    serve(DONE);
    const onSearch = vi.fn();
    await renderRouted(<SweepPage id={5} search={{}} onSearch={onSearch} />, trader());
    const user = userEvent.setup();
    await user.selectOptions(await screen.findByRole("combobox", { name: "Shown" }), "n_trades");
    expect(onSearch).toHaveBeenLastCalledWith({ metric: "n_trades" }, { replace: true });
    await user.selectOptions(screen.getByRole("combobox", { name: "Across" }), "entry_z");
    expect(onSearch).toHaveBeenLastCalledWith({ x: "entry_z", y: "window" }, { replace: true });
  });

  it("draws a search's points, those below zero hollow", async () => {
    serve({ ...DONE, "GET /api/v1/sweeps/5/": () => answer(makeSearch()), "GET /api/v1/sweeps/5/surface/": () => answer(makeCloud()) });
    await renderRouted(<SweepPage id={5} search={{}} onSearch={none} />, trader());
    const drawing = await screen.findByRole("img", { name: /Best: \+1\.20 at window 30, entry 2\./ });
    expect(drawing.querySelectorAll("circle[data-shade]")).toHaveLength(3);
    expect(screen.getByText("below zero hollow")).toBeVisible();
    expect(screen.getByText(/6 asked for again/)).toBeVisible();
  });

  it("lists what it was told to know as notes, not as an alarm", async () => {
    const words = "Hedge ratios were fitted on 2011-01-03 to 2016-04-28, before the first decision.";
    serve({ ...DONE, "GET /api/v1/sweeps/5/": () => answer(makeSweep({ warnings: [words] })) });
    await renderRouted(<SweepPage id={5} search={{}} onSearch={none} />, trader());
    expect(await screen.findByRole("list", { name: "Notes" })).toHaveTextContent(words);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("says why there is no plateau", async () => {
    const lonely = makeSweep();
    serve({ ...DONE, "GET /api/v1/sweeps/5/": () => answer({ ...lonely, summary: { ...lonely.summary, plateau: null, plateau_words: "Nothing lies beside it." } }) });
    await renderRouted(<SweepPage id={5} search={{}} onSearch={none} />, trader());
    expect(await screen.findByText("No plateau. Nothing lies beside it.")).toBeVisible();
  });
});

describe("a sweep without a result", () => {
  it("shows how far it is", async () => {
    const job = makeJob({ status: "RUNNING", progress: 0.4, stage: "Searching", message: "80 of 200 points" });
    serve({ "GET /api/v1/sweeps/5/": () => answer(makeSearch({ summary: null, completed_at: null, job })), [`GET /api/v1/jobs/${job.id}/`]: () => answer(job) });
    await renderRouted(<SweepPage id={5} search={{}} onSearch={none} />, trader());
    expect(await screen.findByRole("progressbar", { name: "Search 5" })).toHaveAttribute("aria-valuenow", "40");
    expect(screen.getByText(/^80 of 200 points\. You may leave/)).toBeVisible();
  });

  it("says why it failed", async () => {
    const job = makeJob({ status: "FAILED", error: "No point ever traded." });
    serve({ "GET /api/v1/sweeps/5/": () => answer(makeSweep({ summary: null, completed_at: null, job })), [`GET /api/v1/jobs/${job.id}/`]: () => answer(job) });
    await renderRouted(<SweepPage id={5} search={{}} onSearch={none} />, trader());
    expect(await screen.findByRole("alert")).toHaveTextContent("The sweep failed. No point ever traded.");
  });

  it("that is not there, or not one's own, leads back", async () => {
    serve({});
    await renderRouted(<SweepPage id={9} search={{}} onSearch={none} />, trader());
    expect(await screen.findByText("There is no sweep 9, or it is not yours")).toBeVisible();
    expect(screen.getAllByRole("link", { name: "All sweeps" }).length).toBeGreaterThan(0);
  });
});
