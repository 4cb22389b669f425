import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { keyCreate, keyRevoke, keysList, sessionRevoke, sessionsList } from "@/lib/account";
import { authTotpRetrieve } from "@/lib/api";

export const sessionsQuery = queryOptions({
  queryKey: ["account", "sessions"],
  queryFn: ({ signal }) => sessionsList({ signal }),
});

export const totpQuery = queryOptions({
  queryKey: ["account", "totp"],
  queryFn: ({ signal }) => authTotpRetrieve({ signal }),
});

export const keysQuery = queryOptions({
  queryKey: ["account", "keys"],
  queryFn: ({ signal }) => keysList({ signal }),
});

/** Reads one's sessions, keys and second step again after a change. */
function useFresh() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["account"] });
}

export function useRevokeSession() {
  return useMutation({ mutationFn: sessionRevoke, onSuccess: useFresh() });
}

export function useMakeKey() {
  return useMutation({ mutationFn: keyCreate, onSuccess: useFresh() });
}

export function useRevokeKey() {
  return useMutation({ mutationFn: keyRevoke, onSuccess: useFresh() });
}
