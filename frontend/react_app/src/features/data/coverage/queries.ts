import { queryOptions } from "@tanstack/react-query";

import { universesCoverage } from "@/lib/api";

/** Under the universes' key, so that new prices renew it too. */
export const coverageQuery = (universe: number) =>
  queryOptions({
    queryKey: ["universes", universe, "coverage"],
    queryFn: ({ signal }) => universesCoverage({ path: { id: universe }, signal }),
    staleTime: 5 * 60_000,
  });
