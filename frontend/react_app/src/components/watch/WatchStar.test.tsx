import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { makeWatched, pageOf } from "@/testing/deskFixtures";
import { answer } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { WatchStar } from "./WatchStar";

describe("the star", () => {
  it("is one's own, pressed and taken back", async () => {
    let watched = [makeWatched({ id: 2 })];
    const gone = () => new Response(null, { status: 204 });
    const { asked } = serve({
      "GET /api/v1/pairs/watched/": () => answer(pageOf(...watched)),
      "PUT /api/v1/pairs/1/watch/": () => {
        watched = [makeWatched(), ...watched];
        return gone();
      },
      "DELETE /api/v1/pairs/1/watch/": () => {
        watched = [];
        return gone();
      },
    });
    await renderRouted(<WatchStar pair={1} name="KO / PEP" />);
    const user = userEvent.setup();
    const star = screen.getByRole("button", { name: "Watch KO / PEP" });
    await expect.poll(() => star.hasAttribute("disabled")).toBe(false);
    expect(star).toHaveAttribute("aria-pressed", "false");
    await user.click(star);
    await expect.poll(() => star.getAttribute("aria-pressed")).toBe("true");
    await expect.poll(() => star.hasAttribute("disabled")).toBe(false);
    await user.click(star);
    await expect.poll(() => star.getAttribute("aria-pressed")).toBe("false");
    expect(asked()).toContain("DELETE /api/v1/pairs/1/watch/");
  });

  it("says why it could not be pressed", async () => {
    serve({
      "GET /api/v1/pairs/watched/": () => answer(pageOf()),
      "PUT /api/v1/pairs/1/watch/": () => answer({ error: { code: "permission_denied", message: "Your role does not allow this." } }, 403),
    });
    await renderRouted(<WatchStar pair={1} name="KO / PEP" />);
    const star = screen.getByRole("button", { name: "Watch KO / PEP" });
    await expect.poll(() => star.hasAttribute("disabled")).toBe(false);
    await userEvent.setup().click(star);
    expect(await screen.findByRole("alert")).toHaveTextContent("Your role does not allow this.");
    expect(star).toHaveAttribute("aria-pressed", "false");
  });
});
