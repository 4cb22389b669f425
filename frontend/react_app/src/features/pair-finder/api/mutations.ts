import { useMutation, useQueryClient } from "@tanstack/react-query";

import { jobsCancel, scansCreate, scansPromote, type ScanCreateRequest } from "@/lib/api";
import { jobQuery, scanQuery, scansQuery } from "@/lib/queries";

/** Asks for a scan; its job is known to the cache before the page turns to it. */
export function useStartScan() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ScanCreateRequest) => scansCreate({ body }),
    onSuccess: (scan) => {
      client.setQueryData(scanQuery(scan.id).queryKey, scan);
      if (scan.job) client.setQueryData(jobQuery(scan.job.id).queryKey, scan.job);
      void client.invalidateQueries({ queryKey: scansQuery.queryKey });
    },
  });
}

/** Asks a job to stop. */
export function useCancelJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => jobsCancel({ path: { id } }),
    onSuccess: (job) => client.setQueryData(jobQuery(job.id).queryKey, job),
  });
}

/** Turns candidates into pairs; what was refused comes back with its reason. */
export function usePromote(scan: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ candidates, force }: { candidates: number[]; force: boolean }) =>
      scansPromote({ path: { id: scan }, body: { candidates, force_outliers: force } }),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: scanQuery(scan).queryKey }),
        client.invalidateQueries({ queryKey: ["pairs"] }),
      ]);
    },
  });
}
