import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "./api";

/** Worth asking again: no answer, or an answer that says "later". What the user must mend is not. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.code === "network" || [502, 503, 504].includes(error.status);
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false },
    },
  });
}

export const queryClient = makeQueryClient();
