import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { makeScan, makeShare, pageOf } from "@/testing/deskFixtures";
import { answer, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { SharedPage } from "./components/SharedPage";
import { SharesPage } from "./components/SharesPage";

function clientOf(permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}

const shared = {
  kind: "scan",
  title: "Scan of US large caps",
  owner_name: null,
  expires_at: "2126-01-12T10:00:00Z",
  view: { order: "-correlation" },
  scan: makeScan(),
  pair: null,
};

describe("a shared link", () => {
  it("shows its title and its end, hands over its view once, and asks without a session", async () => {
    const onView = vi.fn();
    const { requests } = serve({ "GET /api/v1/shared/abc/": () => answer(shared) });
    await renderRouted(
      <SharedPage token="abc" onView={onView}>
        {({ scan }) => <p>{scan?.n_tests} pairs</p>}
      </SharedPage>,
    );
    expect(await screen.findByRole("heading", { level: 1, name: "Scan of US large caps" })).toBeVisible();
    expect(screen.getByText("190 pairs")).toBeVisible();
    expect(screen.getByRole("banner")).toHaveTextContent(/^TITANShared, to read only\. This link ends 2126-01-12/);
    expect(screen.queryByRole("navigation")).toBeNull();
    expect(screen.queryByRole("link")).toBeNull();
    expect(onView).toHaveBeenCalledExactlyOnceWith({ order: "-correlation" });
    // Somebody is logged in here (`serve` sees to it), and still nothing tells the server who.
    expect(requests()[0]?.headers.get("Authorization")).toBeNull();
  });

  it("names its owner only where the owner wished it", async () => {
    serve({ "GET /api/v1/shared/abc/": () => answer({ ...shared, owner_name: "Ada" }) });
    await renderRouted(
      <SharedPage token="abc" onView={() => undefined}>
        {() => null}
      </SharedPage>,
    );
    expect(await screen.findByText(/Shared by Ada, to read only/)).toBeVisible();
  });

  it("that leads nowhere says what may have happened; a fault is told apart from it", async () => {
    const error = (code: string, message: string) => ({ error: { code, message, request_id: "9f2" } });
    serve({
      "GET /api/v1/shared/old/": () => answer(error("not_found", "There is no such link."), 404),
      "GET /api/v1/shared/odd/": () => answer(error("error", "Broken."), 500),
    });
    const page = (token: string) => (
      <SharedPage token={token} onView={() => undefined}>
        {() => null}
      </SharedPage>
    );
    const { unmount } = await renderRouted(page("old"));
    expect(await screen.findByText("This link leads nowhere any more")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    unmount();
    await renderRouted(page("odd"));
    expect(await screen.findByRole("alert")).toHaveTextContent("Broken.");
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });
});

describe("one's links", () => {
  it("say how many still lead somewhere", async () => {
    serve({
      "GET /api/v1/shares/": () => answer(pageOf(makeShare(), makeShare({ id: 6, revoked_at: "2026-01-06T10:00:00Z" }))),
    });
    await renderRouted(<SharesPage />, clientOf(["trading.view_share"]));
    expect(await screen.findByText(/^1 link open/)).toBeVisible();
  });

  it("are no page of a role that makes none, in words", async () => {
    const { requests } = serve({});
    await renderRouted(<SharesPage />, clientOf([]));
    expect(await screen.findByText(/made by traders and administrators/)).toBeVisible();
    expect(requests()).toEqual([]);
  });
});
