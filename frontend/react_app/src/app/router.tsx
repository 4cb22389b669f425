import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";

import { parseDataSearch } from "@/features/data/search";
import { parseJobsSearch } from "@/features/jobs/search";
import { parsePairFinderSearch } from "@/features/pair-finder/search";
import { parsePairSearch } from "@/features/pair/search";
import { ApiError, session } from "@/lib/api";
import { meQuery } from "@/lib/queries";
import { queryClient } from "@/lib/queryClient";
import { strictly, text } from "@/lib/urlState";

import { AloneFailure, AloneNotFound, Failure, NotFound, PagePending } from "./routes/states";
import { Shell } from "./shell/Shell";

interface Context {
  queryClient: QueryClient;
}

const rootRoute = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: AloneFailure,
  notFoundComponent: AloneNotFound,
});

/** Only addresses of this application: a link must not be able to send someone elsewhere after log-in. */
function localAddress(value: unknown): string | undefined {
  const address = text(value, 2000);
  return address && /^\/(?![/\\])/.test(address) ? address : undefined;
}

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (raw: Record<string, unknown>): { next?: string } => ({ next: localAddress(raw.next) }),
  beforeLoad: ({ search }) => {
    if (session.status() === "active") throw redirect({ href: search.next ?? "/" });
  },
  component: lazyRouteComponent(() => import("./routes/LoginRoute"), "LoginRoute"),
});

/** Who is logged in. A session found dead on arrival leads to the log-in page: there is no work on screen to keep. */
async function loadMe({ queryClient: client }: Context, href: string) {
  try {
    await client.query({ ...meQuery, staleTime: "static" });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    session.forget();
    throw redirect({ to: "/login", search: { next: href } });
  }
}

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: ({ location }) => {
    if (session.status() === "anonymous") {
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
  loader: ({ context, location }) => loadMe(context, location.href),
  component: Shell,
  errorComponent: AloneFailure,
});

const indexRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/pair-finder", replace: true });
  },
});

const dataRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/data",
  validateSearch: strictly(parseDataSearch),
  component: lazyRouteComponent(() => import("./routes/DataRoute"), "DataRoute"),
});

const pairFinderRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/pair-finder",
  validateSearch: strictly(parsePairFinderSearch),
  component: lazyRouteComponent(() => import("./routes/PairFinderRoute"), "PairFinderRoute"),
});

const pairRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/pair",
  validateSearch: strictly(parsePairSearch),
  component: lazyRouteComponent(() => import("./routes/PairRoute"), "PairRoute"),
});

const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/jobs",
  validateSearch: strictly(parseJobsSearch),
  component: lazyRouteComponent(() => import("./routes/JobsRoute"), "JobsRoute"),
});

/** Every other address, with the navigation and Ctrl-K around it. */
const unknownRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "$",
  component: NotFound,
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    loginRoute,
    shellRoute.addChildren([indexRoute, dataRoute, pairFinderRoute, pairRoute, jobsRoute, unknownRoute]),
  ]),
  context: { queryClient },
  defaultPreload: "intent",
  defaultPendingComponent: PagePending,
  defaultErrorComponent: Failure,
  defaultPendingMs: 150,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
