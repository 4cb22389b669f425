import { getRouteApi } from "@tanstack/react-router";

import { ComparePage } from "@/features/backtests";
import type { CompareSearch } from "@/features/backtests/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/backtests/compare");

export function CompareRoute() {
  return <ComparePage search={route.useSearch()} onSearch={useSearchPatch<CompareSearch>()} />;
}
