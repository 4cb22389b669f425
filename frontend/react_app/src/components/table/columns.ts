import type { ColumnDef, SortingFn } from "@tanstack/react-table";
import type { ReactNode } from "react";

import type { CsvCell } from "./csv";

/** One column of a DataTable. */
export interface DataColumn<Row> {
  readonly id: string;
  /** Short heading. */
  readonly header: string;
  /** Drawn in the heading in place of its words, which are read out all the same. */
  readonly drawn?: ReactNode;
  /** What the number is; shown on hover and focus of the heading and in the column list. */
  readonly explain?: string;
  /** Least width in pixels. */
  readonly width: number;
  /** Share of spare width; 0 keeps the column at its least width. */
  readonly grow?: number;
  /** Numbers stand right. */
  readonly align?: "left" | "right";
  /** The bare value: what is sorted and exported. Null sorts last in both directions. */
  readonly value: (row: Row) => CsvCell;
  /** What is shown; the bare value when absent. */
  readonly cell?: (row: Row) => ReactNode;
  /** False for columns that have no order. */
  readonly sortable?: boolean;
  /** First click sorts this way; text ascending, and the caller knows for numbers. */
  readonly firstSort?: "ascending" | "descending";
  /** False for columns that can't be hidden. */
  readonly hideable?: boolean;
  /** False for columns that are only a drawing. */
  readonly exported?: boolean;
}

function comparable(value: unknown): number | string {
  return typeof value === "number" ? value : String(value).toLowerCase();
}

/** Orders two present values; TanStack keeps the missing ones last. */
export function compareValues(a: unknown, b: unknown): number {
  const left = comparable(a);
  const right = comparable(b);
  if (typeof left === "string" && typeof right === "string") {
    return left.localeCompare(right, "en", { numeric: true });
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

/** TanStack's description of our columns; null and NaN become undefined, which sort last. */
export function toColumnDefs<Row>(columns: readonly DataColumn<Row>[]): ColumnDef<Row>[] {
  const sortingFn: SortingFn<Row> = (a, b, id) => compareValues(a.getValue(id), b.getValue(id));
  return columns.map((column) => ({
    id: column.id,
    header: column.header,
    accessorFn: (row) => {
      const value = column.value(row);
      return value === null || (typeof value === "number" && Number.isNaN(value)) ? undefined : value;
    },
    sortingFn,
    sortUndefined: "last",
    enableSorting: column.sortable !== false,
    enableHiding: column.hideable !== false,
    sortDescFirst: column.firstSort === "descending",
  }));
}

/** CSS grid tracks for the visible columns, and the least width of all of them together. */
export function gridTemplate<Row>(columns: readonly DataColumn<Row>[]): {
  template: string;
  minWidth: number;
} {
  const tracks = columns.map(({ width, grow = 0 }) =>
    grow > 0 ? `minmax(${width}px, ${grow}fr)` : `${width}px`,
  );
  return {
    template: tracks.join(" "),
    minWidth: columns.reduce((sum, column) => sum + column.width, 0),
  };
}
