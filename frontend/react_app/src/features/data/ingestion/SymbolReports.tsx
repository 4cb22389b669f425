import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { DataTable, type DataColumn } from "@/components/table";
import type { IngestionReport } from "@/lib/api";
import { formatBarDate, formatCount, plural } from "@/lib/format";

import styles from "./ingestion.module.css";

type SymbolReport = IngestionReport["symbols"][number];

function count(id: "stored" | "changed" | "unchanged" | "quarantined", header: string, explain: string): DataColumn<SymbolReport> {
  return {
    id,
    header,
    explain,
    width: id === "unchanged" ? 88 : 76,
    align: "right",
    firstSort: "descending",
    value: (row) => row[id],
    cell: (row) => formatCount(row[id]),
  };
}

const COLUMNS: readonly DataColumn<SymbolReport>[] = [
  {
    id: "ticker",
    header: "Symbol",
    width: 72,
    grow: 1,
    hideable: false,
    value: ({ ticker }) => ticker,
    cell: ({ ticker }) => (
      <Link to="/data" search={{ symbol: ticker }} tabIndex={-1}>
        {ticker}
      </Link>
    ),
  },
  count("stored", "Stored", "Bars that were not there before."),
  count("changed", "Changed", "Bars that replaced other values; the old ones are kept as revisions."),
  count("unchanged", "Unchanged", "Bars that were there already, with these values."),
  count("quarantined", "Set aside", "Rows that were not stored."),
  { id: "first", header: "First bar", width: 116, value: ({ first }) => first, cell: ({ first }) => formatBarDate(first) },
  { id: "last", header: "Last bar", width: 116, value: ({ last }) => last, cell: ({ last }) => formatBarDate(last) },
];

/** The last bar is the one that tells how fresh the file was. */
const HIDDEN_AT_FIRST = ["first"];

/** What became of each symbol's rows. */
export function SymbolReports({ id, report }: { readonly id: number; readonly report: IngestionReport }) {
  const { symbols, n_symbols } = report;
  const [hidden, setHidden] = useState<readonly string[]>(HIDDEN_AT_FIRST);
  return (
    <section className={styles.table} aria-label="By symbol">
      <DataTable<SymbolReport>
        label="By symbol"
        columns={COLUMNS}
        rows={symbols}
        rowId={({ ticker }) => ticker}
        hidden={hidden}
        onHiddenChange={setHidden}
        csvName={`upload-${id}-symbols.csv`}
        empty="No symbol was recognised."
        height="100%"
        toolbar={
          <h2>
            {symbols.length < n_symbols
              ? `${plural(n_symbols, "symbol")}, the ${formatCount(symbols.length)} with most set aside`
              : plural(n_symbols, "symbol")}
          </h2>
        }
      />
    </section>
  );
}
