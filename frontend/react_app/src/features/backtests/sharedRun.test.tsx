import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { makeBacktest, makeTrade } from "@/testing/backtestFixtures";
import { pageOf } from "@/testing/deskFixtures";
import { answer } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";
import { makeJudged } from "@/testing/walkFixtures";

import { SharedRun } from ".";

// jsdom has no canvas.
vi.mock("@/components/charts/ChartCanvas", () => ({ default: () => <p>charts</p> }));

const days = ["02", "03", "06", "07", "08"].map((day) => `2020-01-${day}T21:00:00Z`);
const columns = ["drawdown", "gross", "net", "cash", "benchmark", "rolling_sharpe", "rolling_beta"];
const equity = { timestamps: days, equity: days.map((_, at) => 100_000 + at), ...Object.fromEntries(columns.map((name) => [name, days.map(() => null)])) };
const sharpe = { value: 0.84, standard_error: 0.31, n: 1760, title: "Sharpe ratio", unit: "", formula: "" };

describe("a shared backtest", () => {
  it("is read without an account: its judgement, figures and trades, and nothing that acts", async () => {
    const { asked, requests } = serve({
      "GET /api/v1/shared/abc/results/": () => answer(makeJudged({ metrics: { sharpe_ratio: sharpe } as never })),
      "GET /api/v1/shared/abc/equity/": () => answer(equity),
      "GET /api/v1/shared/abc/trades/": () => answer(pageOf(makeTrade(), makeTrade({ number: 2 }))),
    });
    const onSearch = vi.fn();
    await renderRouted(<SharedRun token="abc" run={makeBacktest()} search={{}} onSearch={onSearch} />);
    expect(await screen.findByText(/Sharpe ratio \+0\.84 ± 0\.31/)).toBeVisible();
    expect(screen.getByRole("heading", { name: "How much of it is luck?" })).toBeVisible();
    const trades = within(screen.getByRole("region", { name: "Trades" }));
    expect(await trades.findByRole("heading", { name: "2 trades" })).toBeVisible();
    expect(screen.queryByRole("link")).toBeNull();
    for (const name of [/Re-run/, /Export$/, /Share/, /Layout/]) expect(screen.queryByRole("button", { name })).toBeNull();
    await userEvent.setup().click(screen.getByRole("checkbox", { name: "Log scale" }));
    expect(onSearch).toHaveBeenCalledWith({ log: true }, { replace: true });
    // Somebody is logged in here (`serve` sees to it), and still nothing tells the server who.
    expect(new Set(asked())).toEqual(new Set(["results", "equity", "trades"].map((part) => `GET /api/v1/shared/abc/${part}/`)));
    expect(requests().map(({ headers }) => headers.get("Authorization"))).toEqual([null, null, null]);
  });

  it("tells its ratio and luck's by the year of its own bars", async () => {
    const judged = makeJudged({ metrics: { sharpe_ratio: sharpe } as never });
    serve({
      "GET /api/v1/shared/abc/results/": () => answer({ ...judged, deflated: { ...judged.deflated, sharpe: 0.1, sr0: 0.05 } }),
      "GET /api/v1/shared/abc/equity/": () => answer(equity),
      "GET /api/v1/shared/abc/trades/": () => answer(pageOf(makeTrade())),
    });
    await renderRouted(<SharedRun token="abc" run={makeBacktest({ timeframe: "1wk", periods_per_year: 52 })} search={{}} onSearch={() => undefined} />);
    expect(await screen.findByText(/of \+0\.36 by luck alone; this run shows \+0\.72/)).toBeVisible();
  });
});
