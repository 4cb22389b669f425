import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { makeBacktest, makeRule } from "@/testing/backtestFixtures";
import { makeScan, makeWatched, pageOf } from "@/testing/deskFixtures";
import { answer, makeJob, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { BacktestsPage, ComparePage, NewBacktestPage, RunPage } from ".";

const none = () => undefined;

function clientFor(...permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}
const trader = () => clientFor("trading.add_backtestrun", "trading.view_backtestrun", "trading.delete_backtestrun");

const FORM = {
  "GET /api/v1/strategies/rules/": () => answer([makeRule()]),
  "GET /api/v1/strategies/cost-models/": () =>
    answer([{ id: "index", title: "Basis points", description: "", costs: { half_spread_bps: 2 }, needs: [] }]),
  "GET /api/v1/scans/": () => answer(pageOf(makeScan())),
  "GET /api/v1/pairs/watched/": () => answer(pageOf(makeWatched({ z_score: 0.1, legs: ["PG", "JNJ"] }), makeWatched({ id: 2, z_score: -1.8 }))),
  "GET /api/v1/symbols/": () => answer(pageOf()),
};

describe("a new backtest", () => {
  it("needs one press: the watched pair nearest to entry and one's preferences fill it in", async () => {
    const { requests } = serve({ ...FORM, "POST /api/v1/backtests/": () => answer(makeBacktest({ job: makeJob() }), 202) });
    await renderRouted(<NewBacktestPage search={{}} />, trader());
    await userEvent.setup().click(await screen.findByRole("button", { name: "Run backtest" }));
    const asked = requests().find(({ method }) => method === "POST");
    expect(await asked?.clone().json()).toMatchObject({ pairs: [["KO", "PEP"]], rule: "rolling", parameters: { entry_z: 2, exit_z: 0.5 } });
  });

  it("says a contradiction at its field, and asks the server nothing", async () => {
    const { asked } = serve(FORM);
    await renderRouted(<NewBacktestPage search={{ symbol_1: "KO", symbol_2: "PEP" }} />, trader());
    const user = userEvent.setup();
    const exit = await screen.findByLabelText("Exit, σ");
    await user.clear(exit);
    await user.type(exit, "2.5");
    await user.click(screen.getByRole("button", { name: "Run backtest" }));
    expect(exit).toHaveAccessibleDescription(/Below entry \(2\)/);
    expect(exit).toHaveFocus();
    expect(asked()).not.toContain("POST /api/v1/backtests/");
  });

  it("puts a refusal at its field and keeps what was typed", async () => {
    const fields = { "parameters.window": ["The window is longer than the history."] };
    serve({ ...FORM, "POST /api/v1/backtests/": () => answer({ error: { code: "invalid", message: "No.", fields } }, 400) });
    await renderRouted(<NewBacktestPage search={{ symbol_1: "KO", symbol_2: "PEP" }} />, trader());
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Run backtest" }));
    expect(await screen.findByText("The window is longer than the history.")).toBeVisible();
    expect(screen.getByDisplayValue("KO")).toHaveAttribute("name", "symbol_1");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("is not for those who may only look", async () => {
    serve(FORM);
    await renderRouted(<NewBacktestPage search={{}} />, clientFor());
    expect(screen.getByText(/not run backtests/)).toBeVisible();
  });
});

describe("the list of backtests", () => {
  it("says what to do while there is none, and where it could not be loaded", async () => {
    serve({ "GET /api/v1/backtests/": () => answer(pageOf()), "GET /api/v1/layouts/": () => answer(pageOf()) });
    await renderRouted(<BacktestsPage search={{}} onSearch={none} />, trader());
    expect(await screen.findByText("No backtest yet")).toBeVisible();
    expect(screen.getByRole("button", { name: "Compare" })).toBeDisabled();
  });

  it("compares what is selected and finished", async () => {
    serve({
      "GET /api/v1/backtests/": () => answer(pageOf(makeBacktest(), makeBacktest({ id: 10 }), makeBacktest({ id: 11, completed_at: null }))),
      "GET /api/v1/layouts/": () => answer(pageOf()),
    });
    await renderRouted(<BacktestsPage search={{ selected: "9.10.11" }} onSearch={none} />, trader());
    expect(await screen.findByRole("button", { name: "Compare 2 runs" })).toBeEnabled();
    expect(screen.getByRole("button", { name: "Delete 3 runs" })).toBeEnabled();
  });
});

describe("one backtest", () => {
  const facts = { "GET /api/v1/strategies/rules/": FORM["GET /api/v1/strategies/rules/"], "GET /api/v1/strategies/cost-models/": FORM["GET /api/v1/strategies/cost-models/"] };

  it("that failed says why and leads back to its form", async () => {
    const job = makeJob({ status: "FAILED", error: "KO and PEP share 12 bars; 60 are needed." });
    serve({
      ...facts,
      "GET /api/v1/backtests/9/": () => answer(makeBacktest({ completed_at: null, metrics: null, job })),
      "GET /api/v1/jobs/1/": () => answer(job),
    });
    await renderRouted(<RunPage id={9} search={{}} onSearch={none} />, trader());
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The backtest failed. KO and PEP share 12 bars");
    expect(within(alert).getByRole("link")).toHaveAttribute("href", "/backtests/new?like=9");
  });

  it("of somebody else is not there", async () => {
    serve({ "GET /api/v1/backtests/9/": () => answer({ error: { code: "not_found", message: "No." } }, 404) });
    await renderRouted(<RunPage id={9} search={{}} onSearch={none} />, trader());
    expect(await screen.findByText("There is no backtest 9, or it is not yours")).toBeVisible();
  });
});

describe("comparing", () => {
  it("asks for two runs", async () => {
    const { asked } = serve({});
    await renderRouted(<ComparePage search={{ runs: "3" }} onSearch={none} />, trader());
    expect(screen.getByText("Two runs at least")).toBeVisible();
    expect(asked()).toEqual([]);
  });
});
