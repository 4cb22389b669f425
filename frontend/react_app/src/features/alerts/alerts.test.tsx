import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { makeAlert, pageOf } from "@/testing/deskFixtures";
import { answer } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { AlertDetail } from "./components/AlertDetail";
import { ChannelForm } from "./components/ChannelForm";
import { Channels } from "./components/Channels";
import { RuleForm } from "./components/RuleForm";
import { Rules } from "./components/Rules";

const nothing = () => undefined;

describe("one alert", () => {
  it("is told in full, leads to what it is about, and can be marked as seen", async () => {
    const { asked } = serve({
      "POST /api/v1/alerts/7/acknowledge/": () => answer(makeAlert({ acknowledged_at: "2026-01-05T11:00:00Z" })),
    });
    await renderRouted(<AlertDetail id={7} known={makeAlert({ count: 3 })} onClose={nothing} />);
    expect(screen.getByText("The file has one column.")).toBeVisible();
    expect(screen.getByRole("link", { name: "Go to what it is about" })).toHaveAttribute("href", "/data?view=uploads&ingestion=3");
    await userEvent.setup().click(screen.getByRole("button", { name: "Seen" }));
    await waitFor(() => expect(asked()).toContain("POST /api/v1/alerts/7/acknowledge/"));
  });

  it("is asked for where the table does not have it, and a stranger's is refused in words", async () => {
    serve({ "GET /api/v1/alerts/9/": () => answer({ error: { code: "not_found", message: "No alert 9." } }, 404) });
    await renderRouted(<AlertDetail id={9} known={undefined} onClose={nothing} />);
    expect(await screen.findByRole("alert")).toHaveTextContent("The alert could not be loaded. No alert 9.");
  });
});

const rule = {
  id: 3,
  kind: "job_failed",
  parameters: { job_kinds: [] },
  severity: "warning",
  in_app: true,
  channels: [],
  is_active: true,
  created_at: "",
  updated_at: "",
} as const;

describe("rules", () => {
  it("are switched where they stand", async () => {
    const { requests } = serve({
      "GET /api/v1/alert-rules/": () => answer(pageOf(rule)),
      "GET /api/v1/channels/": () => answer(pageOf()),
      "GET /api/v1/universes/": () => answer(pageOf()),
      "PATCH /api/v1/alert-rules/3/": () => answer({ ...rule, is_active: false }),
    });
    await renderRouted(<Rules search={{ view: "rules" }} onSearch={nothing} />);
    await userEvent.setup().click(await screen.findByRole("switch", { name: "A job of mine fails: on" }));
    const patch = await waitFor(() => requests().find(({ method }) => method === "PATCH")!);
    expect(await patch.clone().json()).toEqual({ is_active: false });
  });

  it("keep what was typed when the server refuses them", async () => {
    const onDone = vi.fn();
    serve({
      "POST /api/v1/alert-rules/": () => answer({ error: { code: "conflict", message: "You have 100 rules already." } }, 409),
    });
    await renderRouted(<RuleForm rule={null} channels={[]} universes={[]} onDone={onDone} />);
    const user = userEvent.setup();
    await user.selectOptions(screen.getByLabelText("When"), "rows_set_aside");
    const field = screen.getByLabelText("Rows set aside, at least");
    await user.clear(field);
    await user.type(field, "25");
    await user.click(screen.getByRole("button", { name: "Keep the rule" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("You have 100 rules already.");
    expect(field).toHaveValue("25");
    expect(onDone).not.toHaveBeenCalled();
  });
});

describe("channels", () => {
  it("say at the field why an address is refused", async () => {
    const message = "Addresses inside this network are refused.";
    serve({
      "POST /api/v1/channels/": () => answer({ error: { code: "invalid", message, fields: { url: [message] } } }, 400),
    });
    await renderRouted(<ChannelForm channel={null} onDone={nothing} />);
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Keep the channel" }));
    expect(screen.getByText("Give it a name.")).toBeVisible();
    await user.type(screen.getByLabelText(/^Name/), "Hook");
    await user.type(screen.getByRole("textbox", { name: "Address" }), "http://10.0.0.1/hook");
    await user.click(screen.getByRole("button", { name: "Keep the channel" }));
    expect(await screen.findByText(message), "once, at its field").toBeVisible();
    const address = screen.getByRole("textbox", { name: "Address" });
    expect(address).toBeInvalid();
    await user.clear(address);
    await user.type(address, "hooks.example.com");
    await user.click(screen.getByRole("button", { name: "Keep the channel" }));
    expect(screen.getByText(/begins with https/)).toBeVisible();
    expect(screen.queryByText(message), "it was about another address").toBeNull();
  });

  it("are tested where they stand", async () => {
    const channel = { id: 1, kind: "webhook", name: "Hook", url: "https://x.example", address: "", has_secret: false, is_active: true, created_at: "", last_delivery: null };
    const { asked } = serve({
      "GET /api/v1/channels/": () => answer(pageOf(channel)),
      "POST /api/v1/channels/1/test/": () => answer(channel, 202),
    });
    await renderRouted(<Channels search={{ view: "channels" }} onSearch={nothing} />);
    const row = within(await screen.findByRole("row", { name: /Hook/ }));
    expect(row.getByText("none yet")).toBeVisible();
    await userEvent.setup().click(row.getByRole("button", { name: "Test Hook" }));
    await waitFor(() => expect(asked()).toContain("POST /api/v1/channels/1/test/"));
  });
});
