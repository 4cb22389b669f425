import { getRouteApi } from "@tanstack/react-router";

import { SweepsPage } from "@/features/sweeps";

const route = getRouteApi("/shell/sweeps");

export function SweepsRoute() {
  return <SweepsPage search={route.useSearch()} />;
}
