import { useMutation, useQueryClient } from "@tanstack/react-query";

import { walkForwardsCreate, walkForwardsDestroy, type WalkForwardCreateRequest } from "@/lib/api";
import { jobQuery, walkForwardQuery, walkForwardsQuery } from "@/lib/queries";

/** Asks for a walk-forward; its job is known to the cache before the page turns to it. */
export function useStartWalkForward() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: WalkForwardCreateRequest) => walkForwardsCreate({ body }),
    onSuccess: (run) => {
      client.setQueryData(walkForwardQuery(run.id).queryKey, run);
      if (run.job) client.setQueryData(jobQuery(run.job.id).queryKey, run.job);
      void client.invalidateQueries({ queryKey: walkForwardsQuery.queryKey });
    },
  });
}

export function useDeleteWalkForward() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => walkForwardsDestroy({ path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: walkForwardsQuery.queryKey }),
  });
}
