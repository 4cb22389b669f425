import { getRouteApi } from "@tanstack/react-router";

import { JobsPage } from "@/features/jobs";
import type { JobsSearch } from "@/features/jobs/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/jobs");

export function JobsRoute() {
  return <JobsPage search={route.useSearch()} onSearch={useSearchPatch<JobsSearch>()} />;
}
