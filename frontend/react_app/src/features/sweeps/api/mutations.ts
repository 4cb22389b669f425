import { useMutation, useQueryClient } from "@tanstack/react-query";

import { sweepsCreate, sweepsDestroy, type SweepCreateRequest } from "@/lib/api";
import { putJob, sweepQuery, sweepsQuery } from "@/lib/queries";

/** Asks for a sweep or a search; its job is known to the cache before the page turns to it. */
export function useStartSweep() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SweepCreateRequest) => sweepsCreate({ body }),
    onSuccess: (sweep) => {
      client.setQueryData(sweepQuery(sweep.id).queryKey, sweep);
      if (sweep.job) putJob(client, sweep.job);
      void client.invalidateQueries({ queryKey: sweepsQuery.queryKey });
    },
  });
}

export function useDeleteSweep() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => sweepsDestroy({ path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sweepsQuery.queryKey }),
  });
}
