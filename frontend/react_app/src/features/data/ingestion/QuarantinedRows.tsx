import { NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn } from "@/components/table";
import { download, type IngestionReport, type IngestionRow } from "@/lib/api";
import { formatCount, MISSING, plural } from "@/lib/format";

import type { DataSearch } from "../search";
import styles from "./ingestion.module.css";
import { rowsCsv, rowsQuery } from "./queries";
import { cellsWords, plainMessage, reasonWords, rowDay } from "./words";

interface Props {
  readonly id: number;
  readonly report: IngestionReport;
  readonly search: DataSearch;
  readonly onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
}

const clipped = (text: string) => (
  <span className={styles.clip} title={text}>
    {text}
  </span>
);

const COLUMNS: readonly DataColumn<IngestionRow>[] = [
  {
    id: "row",
    header: "Row",
    width: 84,
    align: "right",
    value: ({ row }) => row,
    cell: ({ row }) => formatCount(row),
    explain: "Line of the file; the heading is line 1.",
    hideable: false,
    sortable: false,
  },
  { id: "symbol", header: "Symbol", width: 72, value: ({ symbol }) => symbol || null, cell: ({ symbol }) => symbol || MISSING, sortable: false },
  {
    id: "timestamp",
    header: "Day",
    width: 116,
    value: ({ timestamp }) => timestamp,
    cell: ({ timestamp }) => rowDay(timestamp),
    sortable: false,
  },
  {
    id: "reason",
    header: "Reason",
    width: 132,
    value: ({ reason }) => reason,
    cell: ({ reason, is_warning }) => clipped(`${reasonWords(reason)}${is_warning ? " (warning)" : ""}`),
    sortable: false,
  },
  {
    id: "message",
    header: "Why",
    width: 168,
    grow: 2,
    value: ({ message }) => message,
    cell: ({ message }) => clipped(plainMessage(message)),
    sortable: false,
  },
  {
    id: "values",
    header: "The row's cells",
    width: 112,
    grow: 1,
    value: ({ values }) => cellsWords(values),
    cell: ({ values }) => clipped(cellsWords(values)),
    sortable: false,
  },
];

/** The rows set aside or warned of, in the file's order. */
export function QuarantinedRows({ id, report, search, onSearch }: Props) {
  const { reason } = search;
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    rowsQuery(id, reason),
  );
  const rows = useMemo(() => data?.pages.flatMap((page) => page.results) ?? [], [data]);
  const onEndNear = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const all = report.quarantined + report.warnings;
  return (
    <section className={styles.table} aria-label="Rows set aside">
      <DataTable<IngestionRow>
        label="Rows set aside"
        columns={COLUMNS}
        rows={rows}
        rowId={(row) => String(row.id)}
        rowLabel={({ row }) => `row ${formatCount(row)}`}
        serverSorted
        filterKey={reason ?? ""}
        total={data?.pages[0]?.count ?? 0}
        onEndNear={onEndNear}
        loading={isPending}
        error={error ? <ErrorNotice error={error} what="The rows could not be loaded" onRetry={() => void refetch()} /> : null}
        empty="No row was set aside for this reason."
        onExport={() => void download(rowsCsv(id, reason), `upload-${id}-rows.csv`)}
        height="100%"
        toolbar={
          <>
            <h2>Rows set aside and warned of</h2>
            <NativeSelect
              aria-label="Reason"
              data={[
                { value: "", label: "Every reason" },
                ...new Map(report.reasons.map((each) => [each.reason, { value: each.reason, label: reasonWords(each.reason) }])).values(),
              ]}
              value={reason ?? ""}
              onChange={(event) => onSearch({ reason: event.currentTarget.value || undefined }, { replace: true })}
            />
            {all > report.rows_kept ? (
              <span className={styles.muted}>the first {plural(report.rows_kept, "row")} of {formatCount(all)} are listed</span>
            ) : null}
          </>
        }
      />
    </section>
  );
}
