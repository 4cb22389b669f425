import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { makeAlert, makeScan, makeUniverse, makeWatched, pageOf } from "@/testing/deskFixtures";
import { answer, makeJob, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { DashboardPage } from "./components/DashboardPage";
import { TILES } from "./tiles";

const EVERY = TILES.map(({ permission }) => permission);

function clientFor(permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}

const FULL = {
  "GET /api/v1/pairs/watched/": () =>
    answer(pageOf(makeWatched({ id: 1, z_score: 0.2 }), makeWatched({ id: 2, legs: ["BBY", "AMD"], z_score: -2.31 }))),
  "GET /api/v1/scans/": () => answer(pageOf(makeScan())),
  "GET /api/v1/universes/": () => answer(pageOf(makeUniverse())),
  "GET /api/v1/alerts/": () => answer(pageOf(makeAlert())),
  "GET /api/v1/jobs/": () => answer(pageOf(makeJob(), makeJob({ id: 2, status: "FAILED", finished_at: "2026-01-05T10:00:05Z" }))),
};

const tile = (name: string) => within(screen.getByRole("region", { name }));

describe("the Dashboard", () => {
  it("shows what one watches, asked for, has and must look at", async () => {
    serve(FULL);
    await renderRouted(<DashboardPage />, clientFor(EVERY));
    const rows = (await tile("Watched pairs").findAllByRole("row")).slice(1);
    expect(rows.map((row) => within(row).getByRole("rowheader").textContent)).toEqual(["BBY / AMD", "KO / PEP"]);
    expect(rows[0]).toHaveTextContent("−2.31");
    expect(rows[0]).toHaveTextContent("beyond entry");
    expect(await tile("Last scans").findByRole("row", { name: /US large caps/ })).toHaveTextContent(/190.*18.*9\.5.*3.*0\.2.*BY 5 %/);
    expect(await tile("Prices").findByRole("row", { name: /US large caps/ })).toHaveTextContent(/real, demo.*20.*2022-12-28/);
    expect(await tile("Alerts").findByText("Price ingestion failed")).toBeVisible();
    expect(await tile("Jobs").findByRole("progressbar", { name: "Scan 12" })).toBeVisible();
    expect(tile("Jobs").getByRole("button", { name: "Cancel Scan 12" })).toBeEnabled();
    expect(tile("Jobs").getByText("failed")).toBeVisible();
  });

  it("says what would fill each tile that is empty", async () => {
    const nothing = () => answer(pageOf());
    serve(Object.fromEntries(Object.keys(FULL).map((key) => [key, nothing])));
    await renderRouted(<DashboardPage />, clientFor([...EVERY, "trading.add_scan"]));
    expect(await screen.findByText(/No pair is watched/)).toBeVisible();
    expect(await screen.findByText(/No scan yet/)).toBeVisible();
    expect(await screen.findByText(/No prices yet/)).toBeVisible();
    expect(await screen.findByText("Nothing needs a look.")).toBeVisible();
    expect(await screen.findByText("Nothing runs.")).toBeVisible();
  });

  it("does not tell those to scan who may not", async () => {
    serve({ ...FULL, "GET /api/v1/scans/": () => answer(pageOf()) });
    await renderRouted(<DashboardPage />, clientFor(EVERY));
    expect(await tile("Last scans").findByText(/does not start scans/)).toBeVisible();
    expect(tile("Last scans").queryByRole("link")).toBeNull();
  });

  it("lets one tile fail, or be refused, without the others", async () => {
    let broken = true;
    serve({
      ...FULL,
      "GET /api/v1/scans/": () =>
        broken ? answer({ error: { code: "error", message: "Broken.", request_id: "9f2" } }, 500) : answer(pageOf(makeScan())),
      "GET /api/v1/alerts/": () => answer({ error: { code: "permission_denied", message: "No." } }, 403),
    });
    await renderRouted(<DashboardPage />, clientFor(EVERY));
    expect(await tile("Last scans").findByRole("alert")).toHaveTextContent("The scans could not be loaded. Broken.");
    expect(tile("Last scans").getByText("9f2")).toBeVisible();
    expect(await tile("Alerts").findByText(/Your role does not include this/)).toBeVisible();
    expect(await tile("Watched pairs").findByText("KO / PEP")).toBeVisible();
    broken = false;
    await userEvent.setup().click(tile("Last scans").getByRole("button", { name: "Try again" }));
    expect(await tile("Last scans").findByRole("row", { name: /US large caps/ })).toBeVisible();
  });

  it("leaves out tiles the person may not see, and welcomes those who may see nothing", async () => {
    const { asked } = serve(FULL);
    const { unmount } = await renderRouted(<DashboardPage />, clientFor(["trading.view_scan"]));
    expect(await tile("Last scans").findByRole("row", { name: /US large caps/ })).toBeVisible();
    expect(screen.queryByRole("region", { name: "Jobs" })).toBeNull();
    expect(new Set(asked())).toEqual(new Set(["GET /api/v1/scans/"]));
    unmount();
    await renderRouted(<DashboardPage />, clientFor([]));
    expect(screen.getByText("Your account has no role yet")).toBeVisible();
  });

  it("acknowledges an alert where it stands", async () => {
    let seen = false;
    const { asked } = serve({
      ...FULL,
      "GET /api/v1/alerts/": () => answer(seen ? pageOf() : pageOf(makeAlert())),
      "POST /api/v1/alerts/7/acknowledge/": () => {
        seen = true;
        return answer(makeAlert({ acknowledged_at: "2026-01-05T11:00:00Z" }));
      },
    });
    await renderRouted(<DashboardPage />, clientFor(EVERY));
    await userEvent.setup().click(await screen.findByRole("button", { name: "Seen: Price ingestion failed" }));
    expect(await screen.findByText("Nothing needs a look.")).toBeVisible();
    expect(asked()).toContain("POST /api/v1/alerts/7/acknowledge/");
  });
});
