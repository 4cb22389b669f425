import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import type { Job, Scan } from "@/lib/api";
import { isOver, scanQuery, scansQuery } from "@/lib/queries";
import { useJobLive } from "@/lib/socket";

import type { PairFinderSearch } from "../search";
import { CandidateTable } from "./CandidateTable";
import styles from "./finder.module.css";
import type { SetSearch } from "./PairFinderPage";
import { ScanProgress } from "./ScanProgress";
import { Asked, ScanSummary } from "./ScanSummary";

interface Props {
  readonly scan: Scan;
  readonly search: PairFinderSearch;
  readonly onSearch: SetSearch;
}

/** The scan's job, live; at each new stage, and when it ends, the scan is read again: pairs come before their checks. */
function useScanJob(scan: Scan): Job | null {
  const client = useQueryClient();
  const { job: live } = useJobLive(scan.job?.id);
  const job = live ?? scan.job;
  const known = scan.job;
  const stage = job && `${job.status} ${job.stage}`;
  const stale = known !== null && !isOver(known) && stage !== `${known.status} ${known.stage}`;
  useEffect(() => {
    if (!stale) return;
    void client.invalidateQueries({ queryKey: scanQuery(scan.id).queryKey });
    void client.invalidateQueries({ queryKey: scansQuery.queryKey });
  }, [client, scan.id, stale, stage]);
  return job;
}

/** One scan: its progress while it runs, its result afterwards, its reason when it failed. */
export function ScanView({ scan, search, onSearch }: Props) {
  const job = useScanJob(scan);
  const ended = scan.completed_at !== null;
  if (!ended) {
    // News of the end comes before the scan is read again, and only that tells whether pairs were kept.
    const reading = scan.job !== null && !isOver(scan.job);
    const underWay = job !== null && (reading || !isOver(job) || job.status === "COMPLETED");
    return (
      <>
        {underWay ? <ScanProgress job={job} /> : <NotFinished job={job} />}
        <Asked scan={scan} />
        {underWay ? (
          <p className={styles.muted}>You may leave or reload this page: the scan goes on, and stands under Jobs.</p>
        ) : null}
      </>
    );
  }
  return (
    <>
      {job === null ? null : <Checks job={job} />}
      <ScanSummary scan={scan} />
      <CandidateTable scan={scan} search={search} onSearch={onSearch} />
    </>
  );
}

/** A scan's pairs stand as soon as all are tested; its checks come after them, or do not. */
function Checks({ job }: { readonly job: Job }) {
  if (!isOver(job)) {
    return (
      <>
        <ScanProgress job={job} />
        <p className={styles.plain}>The pairs below are final; the null and the outlier checks are still being added.</p>
      </>
    );
  }
  if (job.status === "COMPLETED") return null;
  return (
    <p className={styles.warning}>
      The checks {job.status === "CANCELLED" ? "were cancelled" : "broke off"}: the pairs below are final, but neither
      compared with the scan&apos;s own null nor tested without their outliers. {job.error}
    </p>
  );
}

const ENDINGS: Partial<Record<Job["status"], string>> = {
  FAILED: "The scan failed",
  ERRORED: "The scan broke off through a fault of ours",
  CANCELLED: "The scan was cancelled",
};

function NotFinished({ job }: { readonly job: Job | null }) {
  return (
    <div role="alert" className={styles.warning}>
      <strong>{(job && ENDINGS[job.status]) ?? "The scan has no result"}. </strong>
      {job?.error ?? ""} {job?.status === "CANCELLED" ? "Nothing was kept; start it again whenever you like." : ""}
    </div>
  );
}
