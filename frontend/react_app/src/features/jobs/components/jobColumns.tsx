import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { CancelJob, useElapsed } from "@/components/jobs";
import type { DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { Job } from "@/lib/api";
import { formatDuration, formatPercent } from "@/lib/format";
import { jobHref, jobTitle, stageWords, STATUS_WORDS } from "@/lib/jobWords";
import { isOver } from "@/lib/queries";

import styles from "./jobs.module.css";
import { QUEUE_WORDS, workerWords } from "./words";

/** Names of what jobs are about, by `subjectKey`. */
export type SubjectNames = ReadonlyMap<string, string>;

export function subjectKey(type: string, id: number): string {
  return `${type} ${id}`;
}

/** "Scan 3 · US large caps 1990–2022"; the number alone where the name is not known. */
export function whatWords(job: Job, names: SubjectNames): string {
  const name = job.subject && names.get(subjectKey(job.subject.type, job.subject.id));
  return name ? `${jobTitle(job)} · ${name}` : jobTitle(job);
}

function What({ job, words: text }: { job: Job; words: string }) {
  const href = jobHref(job);
  return (
    <span className={styles.words} title={text}>
      {href ? (
        <Anchor component={Link} to={href} size="sm">
          {text}
        </Anchor>
      ) : (
        text
      )}
    </span>
  );
}

function Status({ job }: { job: Job }) {
  return (
    <span className={styles.status} data-status={job.status}>
      {job.cancel_requested && !isOver(job) ? "Stopping" : STATUS_WORDS[job.status]}
      {job.status === "RUNNING" ? ` ${formatPercent(job.progress)}` : ""}
    </span>
  );
}

/** What it says of itself: the stage while it runs, the outcome in words afterwards. */
function words(job: Job): string {
  if (!isOver(job)) return stageWords(job);
  return job.error || job.message;
}

function Elapsed({ job }: { job: Job }) {
  const { elapsed, eta } = useElapsed(job);
  return (
    <span>
      {formatDuration(elapsed)}
      {eta !== null ? <span className={styles.eta}> + {formatDuration(eta)}</span> : null}
    </span>
  );
}

export const jobColumns = (names: SubjectNames): readonly DataColumn<Job>[] => [
  {
    id: "job",
    header: "Job",
    width: 56,
    align: "right",
    value: (job) => job.id,
    explain: "Number of the job. Quote it when you report a fault.",
  },
  {
    id: "what",
    header: "What",
    width: 232,
    grow: 1,
    value: (job) => whatWords(job, names),
    cell: (job) => <What job={job} words={whatWords(job, names)} />,
    hideable: false,
  },
  {
    id: "status",
    header: "Status",
    width: 112,
    value: (job) => job.status,
    cell: (job) => <Status job={job} />,
    explain: "Failed: something you can mend, said beside it. Fault: our doing; it is logged under the job's number.",
  },
  {
    id: "words",
    header: "Says",
    width: 240,
    grow: 2,
    value: words,
    cell: (job) => (
      <span className={styles.words} title={words(job)}>
        {words(job)}
      </span>
    ),
  },
  {
    id: "queue",
    header: "Queue",
    width: 88,
    value: (job) => QUEUE_WORDS[job.queue],
    explain: "Where it waits. Each queue has workers of its own, so that one kind of work never waits for another.",
  },
  {
    id: "worker",
    header: "Worker",
    width: 136,
    value: (job) => workerWords(job.worker),
    cell: (job) => (
      <span className={styles.words} title={job.worker}>
        {workerWords(job.worker)}
      </span>
    ),
    explain: "Machine and process that do it, while it runs.",
  },
  {
    id: "elapsed",
    header: "Took",
    width: 136,
    align: "right",
    value: (job) => job.elapsed_seconds,
    cell: (job) => <Elapsed job={job} />,
    explain: "Time at work, and after the plus the time it should still take.",
  },
  {
    id: "attempt",
    header: "Attempt",
    width: 72,
    align: "right",
    value: (job) => job.attempt,
    explain: "More than one: a worker died, and another took the job over.",
  },
  {
    id: "created",
    header: "Asked for",
    width: 184,
    value: (job) => job.created_at,
    cell: (job) => <Instant at={job.created_at} />,
    explain: "In the time zone of your preferences.",
  },
  {
    id: "cancel",
    header: "Stop",
    width: 96,
    value: () => null,
    cell: (job) => <CancelJob job={job} />,
    sortable: false,
    exported: false,
  },
];
