import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { layoutCreate, layoutDelete, layoutsList, layoutUpdate, type Layout } from "../account";

/** The named layouts of one table. */
export const layoutsQuery = (table: string) =>
  queryOptions({
    queryKey: ["layouts", table],
    queryFn: ({ signal }) => layoutsList(table, { signal }),
    staleTime: 5 * 60_000,
  });

/** Saves, changes and deletes layouts of one table; the list follows. */
export function useLayoutChanges(table: string) {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: layoutsQuery(table).queryKey });
  return {
    create: useMutation({
      mutationFn: (given: Pick<Layout, "name" | "state">) => layoutCreate({ ...given, table, is_default: false }),
      onSuccess,
    }),
    update: useMutation({
      mutationFn: ({ id, ...change }: Pick<Layout, "id"> & Partial<Pick<Layout, "name" | "state" | "is_default">>) =>
        layoutUpdate(id, change),
      onSuccess,
    }),
    remove: useMutation({ mutationFn: layoutDelete, onSuccess }),
  };
}
