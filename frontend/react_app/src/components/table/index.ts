export { DataTable, type DataTableProps } from "./DataTable";
export type { DataColumn } from "./columns";
export { csvCell, toCsv, download, downloadCsv, type CsvCell } from "./csv";
export { Sparkline } from "./Sparkline";
export { extentOf, sparklinePath, type Extent } from "./sparklinePath";
export type { TableLayout } from "./layout";
export type { TableOrder } from "./useTableModel";
