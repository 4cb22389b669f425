import { getRouteApi } from "@tanstack/react-router";

import { PairPage } from "@/features/pair";
import type { PairSearch } from "@/features/pair/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/pair");

export function PairRoute() {
  return <PairPage search={route.useSearch()} onSearch={useSearchPatch<PairSearch>()} />;
}
