import {
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
  type OnChangeFn,
  type SortingState,
} from "@tanstack/react-table";
import { useMemo } from "react";

import { toColumnDefs, type DataColumn } from "./columns";

/** The column a table is ordered by. */
export interface TableOrder {
  readonly column: string;
  readonly descending: boolean;
}

interface TableModelOptions<Row> {
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  readonly hidden: readonly string[];
  readonly order: TableOrder | null;
  readonly onOrderChange: (order: TableOrder | null) => void;
  /** The rows arrive in order: the server sorts. */
  readonly serverSorted: boolean;
}

function toSorting(order: TableOrder | null): SortingState {
  return order === null ? [] : [{ id: order.column, desc: order.descending }];
}

/** TanStack's table over our columns. */
export function useTableModel<Row>(options: TableModelOptions<Row>) {
  const { columns, rows, rowId, hidden, order, onOrderChange, serverSorted } = options;
  const sorting = useMemo(() => toSorting(order), [order]);
  const definitions = useMemo(() => toColumnDefs(columns), [columns]);
  const data = useMemo(() => [...rows], [rows]);

  const onSortingChange: OnChangeFn<SortingState> = (update) => {
    const [first] = typeof update === "function" ? update(sorting) : update;
    onOrderChange(first === undefined ? null : { column: first.id, descending: first.desc });
  };

  // eslint-disable-next-line react-hooks/incompatible-library -- known: the instance is mutable, nothing memoises on it
  return useReactTable<Row>({
    columns: definitions,
    data,
    getRowId: rowId,
    state: {
      sorting,
      columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])),
    },
    onSortingChange,
    manualSorting: serverSorted,
    enableMultiSort: false,
    getCoreRowModel: getCoreRowModel(),
    ...(serverSorted ? {} : { getSortedRowModel: getSortedRowModel() }),
  });
}
