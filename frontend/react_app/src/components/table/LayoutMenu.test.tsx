import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Layout } from "@/lib/account";
import { session } from "@/lib/api";
import { answer } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";

import type { DataColumn } from "./columns";
import { DataTable } from "./DataTable";

interface Row {
  readonly id: number;
}

const COLUMNS: DataColumn<Row>[] = ["One", "Two", "Three"].map((header) => ({
  id: header.toLowerCase(),
  header,
  width: 80,
  hideable: header !== "One",
  value: ({ id }) => id,
}));

const WIDE = {
  id: 4,
  table: "numbers",
  name: "Wide",
  state: { columns: ["three", "one", "two"], hidden: [], widths: { three: 300 }, sorting: null },
  is_default: false,
} as unknown as Layout;

let layouts: Layout[] = [];
const sent: { method: string; path: string; body: unknown }[] = [];

async function server(input: RequestInfo | URL): Promise<Response> {
  const request = input as Request;
  const path = new URL(request.url).pathname;
  if (request.method === "GET") return answer({ count: layouts.length, next: null, previous: null, results: layouts });
  const text = await request.text();
  sent.push({ method: request.method, path, body: text === "" ? null : (JSON.parse(text) as unknown) });
  if (request.method === "POST") {
    layouts = [...layouts, { ...WIDE, ...(JSON.parse(text) as object), id: 9 }];
    return answer(layouts.at(-1), 201);
  }
  if (request.method === "DELETE") {
    layouts = [];
    return new Response(null, { status: 204 });
  }
  return answer(WIDE);
}

beforeEach(() => {
  layouts = [];
  sent.length = 0;
  vi.spyOn(session, "accessToken").mockResolvedValue("t");
  vi.stubGlobal("fetch", vi.fn(server));
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(300);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(600);
  Element.prototype.scrollTo = () => undefined;
});

const table = () => (
  <DataTable label="Numbers" layoutKey="numbers" columns={COLUMNS} rows={[{ id: 1 }]} rowId={({ id }) => String(id)} />
);
const headings = () => screen.getAllByRole("columnheader").map((each) => each.textContent);

describe("named layouts", () => {
  it("keeps an arrangement in this browser, and saves it under a name", async () => {
    const user = userEvent.setup();
    const first = renderInApp(table());
    await user.click(screen.getByRole("button", { name: "Columns" }));
    await user.click(await screen.findByRole("button", { name: "Move Three left" }));
    expect(headings()).toEqual(["One", "Three", "Two"]);
    await user.keyboard("{Escape}");
    first.unmount();

    renderInApp(table());
    expect(headings()).toEqual(["One", "Three", "Two"]);
    await user.click(await screen.findByRole("button", { name: "Layouts" }));
    await user.type(await screen.findByLabelText("New layout"), " Mine {Enter}");
    await screen.findByRole("button", { name: "Layout: Mine" });
    expect(sent).toEqual([
      {
        method: "POST",
        path: "/api/v1/layouts/",
        body: {
          table: "numbers",
          name: "Mine",
          is_default: false,
          state: { columns: ["one", "three", "two"], hidden: [], widths: {}, sorting: null },
        },
      },
    ]);
  });

  it("applies a layout, says when it was changed since, and resets", async () => {
    layouts = [WIDE];
    const user = userEvent.setup();
    renderInApp(table());
    await user.click(await screen.findByRole("button", { name: "Layouts" }));
    await user.click(await screen.findByRole("button", { name: "Wide" }));
    expect(headings()).toEqual(["Three", "One", "Two"]);
    expect(await screen.findByRole("button", { name: "Layout: Wide" })).toBeInTheDocument();
    screen.getAllByRole("columnheader")[0]!.querySelector("button")!.focus();
    await user.keyboard("{Control>}{ArrowRight}{/Control}");
    expect(headings()).toEqual(["One", "Three", "Two"]);
    expect(screen.getByRole("button", { name: "Layout: Wide, changed" })).toBeInTheDocument();
    const menu = await screen.findByRole("dialog", { name: "Layout: Wide, changed" });
    await user.click(within(menu).getByRole("button", { name: "Save the changes to Wide" }));
    expect(sent[0]).toMatchObject({ method: "PATCH", path: "/api/v1/layouts/4/" });
    await user.click(within(menu).getByRole("button", { name: "Reset the table" }));
    expect(headings()).toEqual(["One", "Two", "Three"]);
  });

  it("opens a table nobody has arranged yet with the layout chosen for that", async () => {
    layouts = [{ ...WIDE, is_default: true }];
    renderInApp(table());
    expect(await screen.findByRole("button", { name: "Layout: Wide" })).toBeInTheDocument();
    expect(headings()).toEqual(["Three", "One", "Two"]);
  });

  it("deletes a layout and lets the table be as it is", async () => {
    layouts = [{ ...WIDE, is_default: true }];
    const user = userEvent.setup();
    renderInApp(table());
    await user.click(await screen.findByRole("button", { name: "Layout: Wide" }));
    await user.click(await screen.findByRole("button", { name: "Delete Wide" }));
    expect(await screen.findByRole("button", { name: "Layouts" })).toBeInTheDocument();
    expect(sent).toEqual([{ method: "DELETE", path: "/api/v1/layouts/4/", body: null }]);
    expect(headings()).toEqual(["Three", "One", "Two"]);
  });
});
