import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { JobProgress } from "@/components/jobs";
import { Instant } from "@/components/time";
import type { Ingestion, Job } from "@/lib/api";
import { formatBytes } from "@/lib/format";
import { isOver, refreshPrices } from "@/lib/queries";
import { useJobLive } from "@/lib/socket";

import type { DataSearch } from "../search";
import { addUploads, sentFile } from "../upload/uploads";
import styles from "./ingestion.module.css";
import { ingestionQuery } from "./queries";
import { Report } from "./Report";
import { asksDateOrder } from "./words";

interface Props {
  readonly id: number;
  readonly search: DataSearch;
  readonly onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
}

/** The upload's job, live; when it ends, the upload and all that its prices change are read again. */
function useIngestionJob(ingestion: Ingestion | undefined): Job | null {
  const client = useQueryClient();
  const { job: live } = useJobLive(ingestion?.job?.id);
  const stored = ingestion?.job ?? null;
  const job = live ?? stored;
  const stale = job !== null && isOver(job) && stored !== null && !isOver(stored);
  useEffect(() => {
    if (stale) void refreshPrices(client);
  }, [client, stale]);
  return job;
}

/** One upload: its progress while it runs, its report afterwards, its reason when it was refused. */
export function IngestionView({ id, search, onSearch }: Props) {
  const { data, error, refetch } = useQuery(ingestionQuery(id));
  const job = useIngestionJob(data);
  const back = (
    <Button variant="default" onClick={() => onSearch({ ingestion: undefined, reason: undefined })}>
      All uploads
    </Button>
  );
  if (error) {
    return (
      <>
        <ErrorNotice error={error} what={`Upload ${id} could not be loaded`} onRetry={() => void refetch()} />
        <div>{back}</div>
      </>
    );
  }
  if (!data) return <SkeletonRows rows={6} label="Loading the upload" />;
  return (
    <section className={styles.view} aria-label={`Upload ${id}`}>
      <div className={styles.head}>
        <h2>{data.filename}</h2>
        <span className={styles.muted}>
          {formatBytes(data.size)}, <Instant at={data.created_at} />
          {data.universe ? `, into ${data.universe.name}` : ""}
        </span>
        <span className={styles.spring} />
        {back}
      </div>
      {data.report ? (
        <Report ingestion={data} report={data.report} search={search} onSearch={onSearch} />
      ) : job && (!isOver(job) || job.status === "COMPLETED") ? (
        <div className={styles.running}>
          <JobProgress job={job} />
          <p className={styles.muted}>You may leave or reload this page: the upload goes on, and stands under Jobs.</p>
        </div>
      ) : (
        <NotStored ingestion={data} job={job} />
      )}
    </section>
  );
}

const ENDINGS: Partial<Record<Job["status"], string>> = {
  FAILED: "The file was not stored",
  ERRORED: "Storing the file broke off through a fault of ours",
  CANCELLED: "The upload was cancelled",
};

/** Why nothing was stored, and what mends it. */
function NotStored({ ingestion, job }: { readonly ingestion: Ingestion; readonly job: Job | null }) {
  const why = job?.error ?? "";
  const sent = sentFile(ingestion.id);
  const again = (change: Record<string, string>) => {
    if (sent) addUploads([sent.file], { ...sent.fields, ...change });
  };
  return (
    <div role="alert" className={styles.failure}>
      <p>
        <strong>{(job && ENDINGS[job.status]) ?? "The upload has no report"}{why === "" ? "." : ":"} </strong>
        {why} {job?.status === "CANCELLED" ? "Nothing of it was kept." : ""}
      </p>
      {sent ? (
        <div className={styles.mend}>
          {asksDateOrder(why) ? (
            <>
              <Button variant="default" onClick={() => again({ date_order: "day_first" })}>
                Send again, day first
              </Button>
              <Button variant="default" onClick={() => again({ date_order: "month_first" })}>
                Send again, month first
              </Button>
            </>
          ) : (
            <Button variant="default" onClick={() => again({})}>
              Send again as it was
            </Button>
          )}
        </div>
      ) : (
        <p className={styles.muted}>To try again, set the options above as needed and drop the file once more.</p>
      )}
    </div>
  );
}
