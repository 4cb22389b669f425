import { getRouteApi } from "@tanstack/react-router";

import { RunPage } from "@/features/backtests";
import type { RunSearch } from "@/features/backtests/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/backtests/$run");

export function BacktestRoute() {
  const { run } = route.useParams();
  return <RunPage key={run} id={run} search={route.useSearch()} onSearch={useSearchPatch<RunSearch>()} />;
}
