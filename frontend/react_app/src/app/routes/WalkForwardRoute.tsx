import { getRouteApi } from "@tanstack/react-router";

import { WalkForwardPage } from "@/features/walk-forward";
import type { WalkForwardSearch } from "@/features/walk-forward/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/walk-forwards/$run");

export function WalkForwardRoute() {
  const { run } = route.useParams();
  return <WalkForwardPage key={run} id={run} search={route.useSearch()} onSearch={useSearchPatch<WalkForwardSearch>()} />;
}
