import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { jobsCancel, type Job } from "@/lib/api";
import { formatDuration, formatPercent } from "@/lib/format";
import { jobTitle, stageWords, STATUS_WORDS } from "@/lib/jobWords";
import { isOver, putJob } from "@/lib/queries";

import styles from "./jobs.module.css";
import { useElapsed } from "./useElapsed";

interface Props {
  job: Job;
  /** Instead of "Scan 12". */
  title?: string;
}

/** A job at work: stage, per cent, time gone, time left, and the way to stop it. */
export function JobProgress({ job, title = jobTitle(job) }: Props) {
  const { elapsed, eta } = useElapsed(job);
  const percent = Math.round(job.progress * 100);
  return (
    <div className={styles.progress}>
      <div className={styles.line}>
        <strong>{title}</strong>
        <span className={styles.stage}>{stageWords(job)}</span>
        <CancelJob job={job} title={title} />
      </div>
      <div
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        className={styles.track}
      >
        <div className={styles.fill} style={{ width: `${percent}%` }} />
      </div>
      <div className={styles.figures}>
        <span>{isOver(job) ? STATUS_WORDS[job.status] : formatPercent(job.progress)}</span>
        <span>elapsed {formatDuration(elapsed)}</span>
        {eta !== null ? <span>about {formatDuration(eta)} left</span> : null}
      </div>
    </div>
  );
}

/** Asks the server to stop a job; shows that it was asked until it has stopped. */
export function CancelJob({ job, title = jobTitle(job) }: Props) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => jobsCancel({ path: { id: job.id } }),
    onSuccess: (answer) => putJob(client, answer),
  });
  if (isOver(job)) return null;
  const asked = job.cancel_requested || cancel.isPending;
  return (
    <span className={styles.cancel}>
      {cancel.error ? <span role="alert">{cancel.error.message}</span> : null}
      <Button
        variant="default"
        size="compact-xs"
        mih={24}
        disabled={asked}
        onClick={() => cancel.mutate()}
        aria-label={asked ? `Stopping ${title}` : `Cancel ${title}`}
      >
        {asked ? "Stopping…" : "Cancel"}
      </Button>
    </span>
  );
}
