import { getRouteApi } from "@tanstack/react-router";

import { SettingsPage } from "@/features/settings";

import { usePages } from "../shell/usePages";

const route = getRouteApi("/shell/settings/$section");

export function SettingsRoute() {
  const section = route.useParams({ select: (params) => params.section });
  return <SettingsPage section={section} pages={usePages()} />;
}
