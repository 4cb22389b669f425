import { Button, Progress } from "@mantine/core";
import { useEffect, useState } from "react";

import { ErrorNotice } from "@/components/feedback";
import type { Job } from "@/lib/api";
import { formatDuration, formatPercent } from "@/lib/format";

import { useCancelJob } from "../api/mutations";
import { elapsedSeconds, isOver, stageWords } from "../progress";
import styles from "./finder.module.css";

/** The present, once a second while it is needed. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, [running]);
  return now;
}

/** A job on its way: stage, share, time gone and time left, and the way to stop it. */
export function ScanProgress({ job }: { readonly job: Job }) {
  const over = isOver(job);
  const now = useNow(!over);
  const cancel = useCancelJob();
  const share = Math.round(job.progress * 100);
  return (
    <div className={styles.progress}>
      <div className={styles.progressLine}>
        <strong role="status">{stageWords(job)}</strong>
        <span>{formatPercent(job.progress)}</span>
        <span>elapsed {formatDuration(elapsedSeconds(job, now))}</span>
        {!over && job.eta_seconds !== null ? <span>about {formatDuration(job.eta_seconds)} left</span> : null}
        <span className={styles.spring} />
        {over ? null : (
          <Button
            variant="default"
            loading={cancel.isPending}
            disabled={job.cancel_requested}
            onClick={() => cancel.mutate(job.id)}
          >
            {job.cancel_requested ? "Stopping…" : "Cancel"}
          </Button>
        )}
      </div>
      <Progress value={share} size={6} radius={0} transitionDuration={200} aria-label="Progress of the scan" />
      {job.message && !over ? <p className={styles.muted}>{job.message}</p> : null}
      {cancel.error ? <ErrorNotice error={cancel.error} what="The scan could not be stopped" /> : null}
    </div>
  );
}
