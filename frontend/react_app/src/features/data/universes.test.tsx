import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { meQuery } from "@/lib/queries";
import { makeQueryClient } from "@/lib/queryClient";
import { makeUniverse, pageOf } from "@/testing/deskFixtures";
import { answer, makeMe } from "@/testing/fixtures";
import { renderRouted, serve } from "@/testing/routed";

import { Universes } from "./components/Universes";

describe("the universes", () => {
  it.each([
    ["trading.add_scan", 1],
    ["trading.view_scan", 0],
  ])("lead to a scan those who may start one (%s)", async (permission, links) => {
    serve({ "GET /api/v1/universes/": () => answer(pageOf(makeUniverse())) });
    const client = makeQueryClient();
    client.setQueryData(meQuery.queryKey, makeMe({ permissions: [permission] }));
    await renderRouted(<Universes chosen={undefined} onChoose={vi.fn()} />, client);
    expect(await screen.findByRole("button", { name: /US large caps/ })).toBeVisible();
    expect(screen.queryAllByRole("link", { name: /^Scan/ })).toHaveLength(links);
  });
});
