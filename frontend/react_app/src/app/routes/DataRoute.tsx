import { getRouteApi } from "@tanstack/react-router";

import { DataPage } from "@/features/data";
import type { DataSearch } from "@/features/data/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/data");

export function DataRoute() {
  return <DataPage search={route.useSearch()} onSearch={useSearchPatch<DataSearch>()} />;
}
