import { CloseButton } from "@mantine/core";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { JobProgress } from "@/components/jobs";
import { Instant } from "@/components/time";
import { jobTitle, STATUS_WORDS } from "@/lib/jobWords";
import { isOver } from "@/lib/queries";
import { useJobLive } from "@/lib/socket";

import styles from "./jobs.module.css";
import { QUEUE_WORDS, workerWords } from "./words";

/** One job told in full: what it said last, why it failed, when it was what. */
export function JobDetail({ id, onClose }: { id: number; onClose: () => void }) {
  const { job, error } = useJobLive(id);
  return (
    <section className={styles.detail} aria-label={`Job ${id}`}>
      <div className={styles.detailHead}>
        <h2>{job ? `${jobTitle(job)}, ${STATUS_WORDS[job.status].toLowerCase()}` : `Job ${id}`}</h2>
        <CloseButton size="sm" aria-label="Close the job's details" onClick={onClose} />
      </div>
      {error ? <ErrorNotice error={error} what="The job could not be loaded" /> : null}
      {!job && !error ? <SkeletonRows rows={3} label="Loading the job" /> : null}
      {job && !isOver(job) ? <JobProgress job={job} /> : null}
      {job?.error ? <p className={styles.failure}>{job.error}</p> : null}
      {job?.message && job.status !== "PENDING" ? <p className={styles.message}>{job.message}</p> : null}
      {job ? (
        <dl className={styles.facts}>
          <dt>Job id</dt>
          <dd>{job.id}</dd>
          <dt>Asked for</dt>
          <dd><Instant at={job.created_at} /></dd>
          <dt>Started</dt>
          <dd><Instant at={job.started_at} /></dd>
          <dt>Ended</dt>
          <dd><Instant at={job.finished_at} /></dd>
          <dt>Queue</dt>
          <dd>{QUEUE_WORDS[job.queue]}</dd>
          {job.worker ? (
            <>
              <dt>Worker</dt>
              <dd>{workerWords(job.worker)}</dd>
            </>
          ) : null}
          <dt>Attempts</dt>
          <dd>{job.attempt}</dd>
        </dl>
      ) : null}
    </section>
  );
}
