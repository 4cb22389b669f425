import { useQuery } from "@tanstack/react-query";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import { agoWords } from "@/lib/ago";
import type { Worker } from "@/lib/api";
import { formatPercent } from "@/lib/format";
import { kindWords } from "@/lib/jobWords";
import { workersQuery } from "@/lib/queries";

import styles from "./queues.module.css";
import { countWords, QUEUE_WORDS, STATE_WORDS, workerWords } from "./words";

const NONE: readonly Worker[] = [];

/** What it does just now: "Scan 25 % · Testing pairs". */
function doesWords({ job, state }: Worker): string {
  if (!job) return state === "up" ? "Nothing" : "";
  return `${kindWords(job.kind)} ${formatPercent(job.progress)}${job.stage ? ` · ${job.stage}` : ""}`;
}

/** The word, and for one that fell silent how long it has been. */
function State({ worker }: { worker: Worker }) {
  return (
    <span className={styles.state} data-state={worker.state}>
      {STATE_WORDS[worker.state]}
      {worker.state === "silent" ? `, heard of ${agoWords(worker.seen_at)}` : ""}
    </span>
  );
}

const COLUMNS: readonly DataColumn<Worker>[] = [
  {
    id: "worker",
    header: "Worker",
    width: 168,
    value: ({ name }) => workerWords(name),
    cell: ({ name }) => (
      <span className={styles.words} title={name}>
        {workerWords(name)}
      </span>
    ),
    hideable: false,
    explain: "Machine and process.",
  },
  {
    id: "state",
    header: "State",
    width: 176,
    value: ({ state }) => state,
    cell: (worker) => <State worker={worker} />,
    explain:
      "Silent: not heard of for twenty seconds; what it did is taken over. Stopping: it ends or hands back what it does.",
  },
  {
    id: "does",
    header: "Does",
    width: 240,
    grow: 1,
    value: doesWords,
    cell: (worker) => (
      <span className={styles.words} title={doesWords(worker)}>
        {doesWords(worker)}
      </span>
    ),
  },
  {
    id: "queues",
    header: "Takes from",
    width: 184,
    value: ({ queues }) => queues.map((name) => QUEUE_WORDS[name]).join(", "),
  },
  { id: "version", header: "Version", width: 80, value: ({ version }) => version },
  {
    id: "started",
    header: "Started",
    width: 184,
    value: ({ started_at }) => started_at,
    cell: ({ started_at }) => <Instant at={started_at} />,
  },
];

/** The processes that do the jobs, on every machine. */
export function WorkerTable() {
  const { data, error, isPending, refetch } = useQuery(workersQuery);
  return (
    <DataTable<Worker>
      label="Workers"
      columns={COLUMNS}
      rows={data?.results ?? NONE}
      rowId={({ name }) => name}
      rowLabel={({ name }) => workerWords(name)}
      loading={isPending}
      height="auto"
      toolbar={<span className={styles.count}>{countWords(data?.results ?? NONE)}</span>}
      error={
        error && !data ? (
          <ErrorNotice error={error} what="The workers could not be loaded" onRetry={() => void refetch()} />
        ) : null
      }
      empty={
        <EmptyState title="No worker runs">
          Jobs wait until one does. On a server of one&#39;s own it starts with TITAN within seconds; in production the
          administrator starts workers with titan worker.
        </EmptyState>
      }
    />
  );
}
