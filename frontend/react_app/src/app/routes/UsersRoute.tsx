import { getRouteApi } from "@tanstack/react-router";

import { UsersPage } from "@/features/users";
import type { UsersSearch } from "@/features/users/search";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shell/users");

export function UsersRoute() {
  return <UsersPage search={route.useSearch()} onSearch={useSearchPatch<UsersSearch>()} />;
}
