import { useMemo } from "react";

import { useMe } from "@/lib/queries";

import { allowedPages } from "./pages";

/** The pages this person may open. */
export function usePages() {
  const { permissions } = useMe();
  return useMemo(() => allowedPages(permissions), [permissions]);
}
