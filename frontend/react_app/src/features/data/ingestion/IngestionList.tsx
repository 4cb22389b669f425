import { useQuery } from "@tanstack/react-query";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { Ingestion } from "@/lib/api";
import { formatBytes, formatCount, formatPercent, MISSING } from "@/lib/format";
import { STATUS_WORDS } from "@/lib/jobWords";
import { ingestionsQuery, isOver } from "@/lib/queries";
import { POLITE_MS, useJobLive } from "@/lib/socket";

import styles from "./ingestion.module.css";

/** So many rows and less stand without a frame that fills the page. */
const FEW = 12;

interface Props {
  readonly onOpen: (id: number) => void;
}

type Figure = "rows_read" | "stored" | "changed" | "unchanged" | "quarantined";

function figure(id: Figure, header: string): DataColumn<Ingestion> {
  return {
    id,
    header,
    width: 84,
    align: "right",
    firstSort: "descending",
    value: ({ report }) => report?.[id] ?? null,
    cell: ({ report }) => (report ? formatCount(report[id]) : MISSING),
  };
}

function Outcome({ ingestion }: { readonly ingestion: Ingestion }) {
  const { job: live } = useJobLive(ingestion.job && !isOver(ingestion.job) ? ingestion.job.id : null);
  const job = live ?? ingestion.job;
  if (!job) return MISSING;
  const words = job.status === "RUNNING" ? `${job.stage}, ${formatPercent(job.progress)}` : STATUS_WORDS[job.status];
  return (
    <span className={styles.clip} data-status={job.status} title={job.error || words}>
      {job.error ? `${words}: ${job.error}` : words}
    </span>
  );
}

function columns(onOpen: (id: number) => void): readonly DataColumn<Ingestion>[] {
  return [
    {
      id: "filename",
      header: "File",
      width: 180,
      grow: 1,
      hideable: false,
      value: ({ filename }) => filename,
      cell: ({ id, filename }) => (
        <button type="button" className={styles.open} title={`Show the report of ${filename}`} onClick={() => onOpen(id)} tabIndex={-1}>
          {filename}
        </button>
      ),
    },
    {
      id: "created",
      header: "When",
      width: 184,
      firstSort: "descending",
      value: ({ created_at }) => created_at,
      cell: ({ created_at }) => <Instant at={created_at} />,
    },
    {
      id: "outcome",
      header: "Outcome",
      width: 136,
      grow: 1,
      value: ({ job }) => job?.status ?? null,
      cell: (ingestion) => <Outcome ingestion={ingestion} />,
    },
    figure("stored", "Stored"),
    figure("quarantined", "Set aside"),
    figure("unchanged", "Unchanged"),
    figure("changed", "Changed"),
    figure("rows_read", "Rows read"),
    {
      id: "size",
      header: "Size",
      width: 76,
      align: "right",
      firstSort: "descending",
      value: ({ size }) => size,
      cell: ({ size }) => formatBytes(size),
    },
  ];
}

/** Earlier uploads, newest first. */
export function IngestionList({ onOpen }: Props) {
  const { data, error, isPending, refetch } = useQuery({
    ...ingestionsQuery,
    refetchInterval: ({ state }) =>
      state.data?.results.some(({ job }) => job !== null && !isOver(job)) ? POLITE_MS : false,
  });
  return (
    <DataTable<Ingestion>
      label="Uploads"
      columns={columns(onOpen)}
      rows={data?.results ?? []}
      rowId={({ id }) => String(id)}
      rowLabel={({ filename }) => filename}
      onOpen={({ id }) => onOpen(id)}
      loading={isPending}
      error={error ? <ErrorNotice error={error} what="The uploads could not be loaded" onRetry={() => void refetch()} /> : null}
      empty={<EmptyState title="No upload yet">Drop a file of daily bars anywhere on this page, or choose one above.</EmptyState>}
      csvName="uploads.csv"
      height={(data?.results.length ?? 0) > FEW ? "100%" : "auto"}
      toolbar={<h2>Uploads</h2>}
    />
  );
}
