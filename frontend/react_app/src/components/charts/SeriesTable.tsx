import { useMemo } from "react";

import { DataTable, type DataColumn } from "@/components/table";
import { formatBarDate } from "@/lib/format";

import styles from "./charts.module.css";
import { readableLines, type PaneStack } from "./panes";
import type { IndexRange } from "./shaping";

interface Props {
  readonly stack: PaneStack;
  readonly window: IndexRange;
  readonly title: string;
  readonly fileName: string;
}

/** The numbers behind the charts, newest first, for the bars on screen. */
export function SeriesTable({ stack, window, title, fileName }: Props) {
  const rows = useMemo(
    () => Array.from({ length: window.last - window.first + 1 }, (_, offset) => window.last - offset),
    [window],
  );
  const columns = useMemo<DataColumn<number>[]>(
    () => [
      {
        id: "date",
        header: "Date",
        width: 100,
        firstSort: "descending",
        hideable: false,
        value: (bar) => formatBarDate(stack.timestamps[bar]),
      },
      ...readableLines(stack).map((line) => ({
        id: line.id,
        header: line.label,
        width: 62,
        grow: 1,
        align: "right" as const,
        value: (bar: number) => line.values[bar] ?? null,
        cell: (bar: number) => line.format(line.values[bar]),
      })),
      ...(stack.inSample.length === 0
        ? []
        : [
            {
              id: "in_sample",
              header: "In sample",
              explain: "Whether the coefficients were fitted on this bar.",
              width: 76,
              value: (bar: number) => (stack.inSample[bar] ? "yes" : "no"),
            },
          ]),
    ],
    [stack],
  );
  return (
    <div className={styles.tableBox}>
      <DataTable
        label={`${title}, as numbers`}
        columns={columns}
        rows={rows}
        rowId={String}
        height="100%"
        csvName={`${fileName}.csv`}
      />
    </div>
  );
}
