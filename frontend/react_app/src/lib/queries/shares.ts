import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { sharesCreate, sharesDestroy, sharesList, type ShareCreateRequest } from "../api";

const ALL = 1000;

/** The person's own links, newest first. */
export const sharesQuery = queryOptions({
  queryKey: ["shares"],
  queryFn: ({ signal }) => sharesList({ query: { ordering: ["-created_at"], page_size: ALL }, signal }),
});

export function useCreateShare() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ShareCreateRequest) => sharesCreate({ body }),
    onSuccess: () => client.invalidateQueries({ queryKey: sharesQuery.queryKey }),
  });
}

/** Ends a link at once; it stays in the list, marked as revoked. */
export function useRevokeShare() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => sharesDestroy({ path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sharesQuery.queryKey }),
  });
}
