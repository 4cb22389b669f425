import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { makeShare, pageOf } from "@/testing/deskFixtures";
import { answer, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { ShareButton } from "./ShareButton";

function clientFor(...permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  return client;
}

const button = <ShareButton kind="scan" objectId={4} title="Scan of US large caps" view={{ order: "-correlation" }} />;

describe("sharing", () => {
  it("makes a link to what is on screen, and shows its address once", async () => {
    const made = { ...makeShare(), url: "/shared/abc" };
    const { requests } = serve({
      "GET /api/v1/shares/": () => answer(pageOf()),
      "POST /api/v1/shares/": () => answer(made, 201),
    });
    await renderRouted(button, clientFor("trading.add_share"));
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Share" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.selectOptions(dialog.getByLabelText("Ends after"), "30");
    await user.click(dialog.getByRole("button", { name: "Make a link" }));
    expect(await dialog.findByRole("textbox", { name: "The link" })).toHaveValue(`${window.location.origin}/shared/abc`);
    const post = requests().find(({ method }) => method === "POST")!;
    expect(await post.clone().json()).toEqual({
      kind: "scan",
      object_id: 4,
      title: "Scan of US large caps",
      view: { order: "-correlation" },
      expires_in_days: 30,
      shows_owner: false,
    });
  });

  it("lists open links to the same thing, and takes one back at the second press", async () => {
    const { asked } = serve({
      "GET /api/v1/shares/": () =>
        answer(
          pageOf(
            makeShare(),
            makeShare({ id: 6, title: "Ended", expires_at: "2020-01-01T00:00:00Z" }),
            makeShare({ id: 7, title: "Another scan", object_id: 9 }),
          ),
        ),
      "DELETE /api/v1/shares/5/": () => new Response(null, { status: 204 }),
    });
    await renderRouted(button, clientFor("trading.add_share"));
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Share" }));
    const revoke = await screen.findByRole("button", { name: "Revoke: Scan of US large caps" });
    expect(screen.queryByText("Ended")).toBeNull();
    expect(screen.queryByText("Another scan")).toBeNull();
    await user.click(revoke);
    expect(asked()).not.toContain("DELETE /api/v1/shares/5/");
    await user.click(await screen.findByRole("button", { name: "Revoke it" }));
    await waitFor(() => expect(asked()).toContain("DELETE /api/v1/shares/5/"));
  });

  it("says why no link was made, and keeps what was typed", async () => {
    serve({
      "GET /api/v1/shares/": () => answer(pageOf()),
      "POST /api/v1/shares/": () => answer({ error: { code: "throttled", message: "Too many links. Wait a minute." } }, 429),
    });
    await renderRouted(button, clientFor("trading.add_share"));
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Share" }));
    const title = await screen.findByLabelText("Title");
    await user.clear(title);
    await user.type(title, "For the desk");
    await user.click(screen.getByRole("button", { name: "Make a link" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("No link was made. Too many links.");
    expect(title).toHaveValue("For the desk");
  });

  it("is not offered to those who may not", async () => {
    serve({});
    await renderRouted(button, clientFor());
    expect(screen.queryByRole("button", { name: "Share" })).toBeNull();
  });
});
