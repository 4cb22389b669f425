import { getRouteApi } from "@tanstack/react-router";

import { PairFinderPage } from "@/features/pair-finder";
import type { PairFinderSearch } from "@/features/pair-finder/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/pair-finder");

export function PairFinderRoute() {
  return <PairFinderPage search={route.useSearch()} onSearch={useSearchPatch<PairFinderSearch>()} />;
}
