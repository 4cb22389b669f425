import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";

import { parseAlertsSearch } from "@/features/alerts/search";
import { parseBacktestsSearch, parseCompareSearch, parseNewSearch, parseRunSearch } from "@/features/backtests/search";
import { parseDataSearch } from "@/features/data/search";
import { parseJobsSearch } from "@/features/jobs/search";
import { parsePairFinderSearch } from "@/features/pair-finder/search";
import { parsePairSearch } from "@/features/pair/search";
import { sectionOf } from "@/features/settings/search";
import { parseSweepSearch, parseSweepsSearch } from "@/features/sweeps/search";
import { parseUsersSearch } from "@/features/users/search";
import { parseWalkForwardSearch, parseWalkForwardsSearch } from "@/features/walk-forward/search";
import { ApiError, session } from "@/lib/api";
import { meQuery, pairQuery } from "@/lib/queries";
import { queryClient } from "@/lib/queryClient";
import { integer, strictly, text } from "@/lib/urlState";

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

/** Only what can be a name: an address must not be able to put a sentence onto the log-in page. */
function userName(value: unknown): string | undefined {
  const name = text(value, 150);
  return name && /^[\p{L}\p{N}_.@+-]+$/u.test(name) ? name : undefined;
}

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (raw: Record<string, unknown>): { next?: string; welcome?: string } => ({
    next: localAddress(raw.next),
    welcome: userName(raw.welcome),
  }),
  beforeLoad: ({ search }) => {
    if (session.status() === "active") throw redirect({ href: search.next ?? "/" });
  },
  component: lazyRouteComponent(() => import("./routes/LoginRoute"), "LoginRoute"),
});

/** A link from an administrator: it is for whoever holds it, logged in or not. */
const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/welcome/$token",
  component: lazyRouteComponent(() => import("./routes/WelcomeRoute"), "WelcomeRoute"),
});

/** What a link shows to whoever holds it; its state is read by the feature that draws it. */
const sharedRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/shared/$token",
  validateSearch: strictly((raw) => ({ ...parsePairFinderSearch(raw), ...parsePairSearch(raw), ...parseRunSearch(raw), scan: undefined })),
  component: lazyRouteComponent(() => import("./routes/SharedRoute"), "SharedRoute"),
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
  component: lazyRouteComponent(() => import("./routes/DashboardRoute"), "DashboardRoute"),
});

const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/alerts",
  validateSearch: strictly(parseAlertsSearch),
  component: lazyRouteComponent(() => import("./routes/AlertsRoute"), "AlertsRoute"),
});

const sharesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/shares",
  component: lazyRouteComponent(() => import("./routes/SharesRoute"), "SharesRoute"),
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

/** A kept pair by its number, as alerts of its signals name it: its page goes by tickers. */
const keptPairRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/pairs/$pair",
  params: { parse: ({ pair }) => ({ pair: integer(pair, 1) ?? 0 }), stringify: ({ pair }) => ({ pair: String(pair) }) },
  beforeLoad: async ({ params, context }) => {
    const found = await context.queryClient.query({ ...pairQuery(params.pair), staleTime: "static" }).catch((error: unknown) => {
      throw error instanceof ApiError && error.status === 404 ? notFound() : error;
    });
    const { symbol_1, symbol_2 } = found;
    throw redirect({ to: "/pair", search: { symbol_1: symbol_1.ticker, symbol_2: symbol_2.ticker, panel: "signals" }, replace: true });
  },
});

const backtestsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/backtests",
  validateSearch: strictly(parseBacktestsSearch),
  component: lazyRouteComponent(() => import("./routes/BacktestsRoute"), "BacktestsRoute"),
});

const newBacktestRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/backtests/new",
  validateSearch: strictly(parseNewSearch),
  component: lazyRouteComponent(() => import("./routes/NewBacktestRoute"), "NewBacktestRoute"),
});

const compareRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/backtests/compare",
  validateSearch: strictly(parseCompareSearch),
  component: lazyRouteComponent(() => import("./routes/CompareRoute"), "CompareRoute"),
});

const backtestRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/backtests/$run",
  // No run has the number 0: what is no number is answered like a run that is not there.
  params: { parse: ({ run }) => ({ run: integer(run, 1) ?? 0 }), stringify: ({ run }) => ({ run: String(run) }) },
  validateSearch: strictly(parseRunSearch),
  component: lazyRouteComponent(() => import("./routes/BacktestRoute"), "BacktestRoute"),
});

const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/jobs",
  validateSearch: strictly(parseJobsSearch),
  component: lazyRouteComponent(() => import("./routes/JobsRoute"), "JobsRoute"),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/$section",
  params: { parse: ({ section }) => ({ section: sectionOf(section) }) },
  component: lazyRouteComponent(() => import("./routes/SettingsRoute"), "SettingsRoute"),
});

const settingsIndexRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$section", params: { section: "profile" }, replace: true });
  },
});

const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/users",
  validateSearch: strictly(parseUsersSearch),
  component: lazyRouteComponent(() => import("./routes/UsersRoute"), "UsersRoute"),
});

const sweepsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/sweeps",
  validateSearch: strictly(parseSweepsSearch),
  component: lazyRouteComponent(() => import("./routes/SweepsRoute"), "SweepsRoute"),
});

const sweepRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/sweeps/$sweep",
  params: { parse: ({ sweep }) => ({ sweep: integer(sweep, 1) ?? 0 }), stringify: ({ sweep }) => ({ sweep: String(sweep) }) },
  validateSearch: strictly(parseSweepSearch),
  component: lazyRouteComponent(() => import("./routes/SweepRoute"), "SweepRoute"),
});

const walkForwardsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/walk-forwards",
  validateSearch: strictly(parseWalkForwardsSearch),
  component: lazyRouteComponent(() => import("./routes/WalkForwardsRoute"), "WalkForwardsRoute"),
});

const walkForwardRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/walk-forwards/$run",
  params: { parse: ({ run }) => ({ run: integer(run, 1) ?? 0 }), stringify: ({ run }) => ({ run: String(run) }) },
  validateSearch: strictly(parseWalkForwardSearch),
  component: lazyRouteComponent(() => import("./routes/WalkForwardRoute"), "WalkForwardRoute"),
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
    welcomeRoute,
    sharedRoute,
    shellRoute.addChildren([indexRoute, alertsRoute, sharesRoute, dataRoute, pairFinderRoute, pairRoute, keptPairRoute, backtestsRoute, newBacktestRoute, compareRoute, backtestRoute, jobsRoute, settingsRoute, settingsIndexRoute, usersRoute, sweepsRoute, sweepRoute, walkForwardsRoute, walkForwardRoute, unknownRoute]),
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
