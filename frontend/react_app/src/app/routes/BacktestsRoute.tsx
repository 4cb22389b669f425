import { getRouteApi } from "@tanstack/react-router";

import { BacktestsPage } from "@/features/backtests";
import type { BacktestsSearch } from "@/features/backtests/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/backtests");

export function BacktestsRoute() {
  return <BacktestsPage search={route.useSearch()} onSearch={useSearchPatch<BacktestsSearch>()} />;
}
