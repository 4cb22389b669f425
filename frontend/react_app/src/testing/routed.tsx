import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { vi } from "vitest";
import type { ReactNode } from "react";

import { writeTokens } from "@/lib/api/tokens";

import { answer, makeToken } from "./fixtures";
import { renderInApp } from "./render";

// jsdom has no scrolling.
vi.stubGlobal("scrollTo", () => undefined);
Element.prototype.scrollTo = () => undefined;

/** Renders what holds links: in the application, with a router that knows one page for every address. */
export async function renderRouted(ui: ReactNode, client?: QueryClient) {
  const routeTree = createRootRoute({ component: () => ui, notFoundComponent: () => ui });
  const router = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: ["/"] }) });
  await router.load();
  return renderInApp(<RouterProvider router={router as never} />, client);
}

type Answers = Record<string, (request: Request) => Response | Promise<Response>>;

/** A server of canned answers, by "GET /api/v1/alerts/"; whatever else is asked for fails the test's expectations. */
export function serve(answers: Answers) {
  writeTokens({ access: makeToken(300), refresh: "r" });
  const fetchMock = vi.fn<typeof fetch>(async (input) => {
    const request = input as Request;
    const key = `${request.method} ${new URL(request.url).pathname}`;
    const found = answers[key];
    if (!found) return answer({ error: { code: "not_found", message: `${key} has no answer here` } }, 404);
    return found(request.clone());
  });
  vi.stubGlobal("fetch", fetchMock);
  return {
    /** What was asked for, in order. */
    asked: () => fetchMock.mock.calls.map(([input]) => `${(input as Request).method} ${new URL((input as Request).url).pathname}`),
    requests: () => fetchMock.mock.calls.map(([input]) => input as Request),
  };
}
