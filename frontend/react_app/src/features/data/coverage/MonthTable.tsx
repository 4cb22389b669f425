import type { ReactNode } from "react";

import { DataTable, type DataColumn } from "@/components/table";
import { formatCount } from "@/lib/format";

import type { MonthRow, MonthState } from "./model";

interface Props {
  readonly rows: readonly MonthRow[];
  readonly all: boolean;
  readonly toolbar: ReactNode;
  readonly fileName: string;
}

const STATES: Record<MonthState, string> = {
  outside: "outside its history",
  full: "whole",
  partial: "with gaps",
  missing: "no bar",
};

const number = (id: "count" | "expected" | "quarantined", header: string, explain: string): DataColumn<MonthRow> => ({
  id,
  header,
  explain,
  width: 96,
  align: "right",
  firstSort: "descending",
  value: (row) => row[id],
  cell: (row) => formatCount(row[id]),
});

const COLUMNS: readonly DataColumn<MonthRow>[] = [
  { id: "ticker", header: "Symbol", width: 112, value: ({ ticker }) => ticker, hideable: false },
  { id: "month", header: "Month", width: 96, value: ({ month }) => month, hideable: false },
  { id: "state", header: "State", width: 144, value: ({ state }) => STATES[state] },
  number("count", "Bars", "Bars stored in the month."),
  number("expected", "Sessions", "Days the exchange was open, between the symbol's first and last bar."),
  {
    id: "missing",
    header: "Missing",
    width: 96,
    align: "right",
    firstSort: "descending",
    value: ({ count, expected }) => Math.max(0, expected - count),
    cell: ({ count, expected }) => formatCount(Math.max(0, expected - count)),
  },
  number("quarantined", "Set aside", "Rows of uploads that were not stored."),
];

/** The map's months as rows: what has gaps, or everything. */
export function MonthTable({ rows, all, toolbar, fileName }: Props) {
  return (
    <DataTable<MonthRow>
      label="Coverage by month"
      columns={COLUMNS}
      rows={rows}
      rowId={({ ticker, month }) => `${ticker} ${month}`}
      filterKey={String(all)}
      csvName={`${fileName}-months.csv`}
      empty={all ? "No bar is stored yet." : "No month has a gap."}
      height="100%"
      toolbar={toolbar}
    />
  );
}
