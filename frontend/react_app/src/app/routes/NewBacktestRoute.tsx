import { getRouteApi } from "@tanstack/react-router";

import { NewBacktestPage } from "@/features/backtests";

const route = getRouteApi("/shell/backtests/new");

export function NewBacktestRoute() {
  return <NewBacktestPage search={route.useSearch()} />;
}
