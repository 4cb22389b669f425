import { getRouteApi } from "@tanstack/react-router";

import { SweepPage } from "@/features/sweeps";
import type { SweepSearch } from "@/features/sweeps/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/sweeps/$sweep");

export function SweepRoute() {
  const { sweep } = route.useParams();
  return <SweepPage key={sweep} id={sweep} search={route.useSearch()} onSearch={useSearchPatch<SweepSearch>()} />;
}
