import { getRouteApi } from "@tanstack/react-router";

import { AlertsPage } from "@/features/alerts";
import type { AlertsSearch } from "@/features/alerts/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/alerts");

export function AlertsRoute() {
  return <AlertsPage search={route.useSearch()} onSearch={useSearchPatch<AlertsSearch>()} />;
}
