import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { answer, makeMe } from "@/testing/fixtures";
import { makeSymbol } from "@/testing/deskFixtures";
import { renderRouted, serve } from "@/testing/routed";

import { Delisting } from "./components/Delisting";

async function shown(symbol: Parameters<typeof makeSymbol>[0], permissions: string[]) {
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, makeMe({ permissions }));
  await renderRouted(<Delisting symbol={makeSymbol(symbol)} />, client);
}

describe("a delisting", () => {
  it("is told, and kept by whoever may change symbols", async () => {
    let sent: unknown;
    serve({
      "PATCH /api/v1/symbols/7/": async (request) => {
        sent = await request.json();
        return answer(makeSymbol({ id: 7 }));
      },
    });
    await shown({ id: 7, ticker: "LEH" }, ["trading.change_symbol"]);
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: /It was delisted/ }));
    await user.type(screen.getByLabelText("First day it traded no more"), "2008-09-17");
    await user.type(screen.getByLabelText(/Return after the last close/), "-90.5");
    await user.click(screen.getByRole("button", { name: "Keep" }));
    expect(await screen.findByRole("button", { name: /It was delisted/ })).toBeVisible();
    expect(sent).toEqual({ delisted_on: "2008-09-17", delisting_return: -0.905 });
  });

  it("says what is not known, and lets nobody else change it", async () => {
    await shown({ delisted_on: "2008-09-17", delisting_return: null }, []);
    expect(screen.getByText(/Delisted on 2008-09-17, with a return nobody told/)).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("refuses words where a number belongs", async () => {
    await shown({}, ["trading.change_symbol"]);
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: /It was delisted/ }));
    await user.type(screen.getByLabelText(/Return after the last close/), "much");
    expect(screen.getByText("A number, as −30.")).toBeVisible();
  });

  it("wants the day of a return, and drops nothing typed", async () => {
    const { asked } = serve({});
    await shown({}, ["trading.change_symbol"]);
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: /It was delisted/ }));
    await user.type(screen.getByLabelText(/Return after the last close/), "-90");
    await user.click(screen.getByRole("button", { name: "Keep" }));
    expect(screen.getByText("The day it ceased to trade.")).toBeVisible();
    expect(screen.getByLabelText(/Return after the last close/)).toHaveValue("-90");
    expect(asked()).toEqual([]);
  });
});
