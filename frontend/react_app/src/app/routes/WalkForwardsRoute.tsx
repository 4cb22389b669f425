import { getRouteApi } from "@tanstack/react-router";

import { WalkForwardsPage } from "@/features/walk-forward";

const route = getRouteApi("/shell/walk-forwards");

export function WalkForwardsRoute() {
  return <WalkForwardsPage search={route.useSearch()} />;
}
