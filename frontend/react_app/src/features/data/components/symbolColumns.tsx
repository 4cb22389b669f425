import type { DataColumn } from "@/components/table";
import type { Symbol } from "@/lib/api";
import { formatBarDate, formatCount, MISSING } from "@/lib/format";

import styles from "./data.module.css";
import { adjustmentWords, sourceWords } from "./words";

/** Columns that the panel beside the table says too. */
const IN_PANEL = ["first", "last", "bars", "source"];

/** The columns of the symbols; `shown` is the ticker whose prices are on screen, beside a table of fewer columns. */
export function symbolColumns(shown: string | undefined, onOpen: (ticker: string) => void): DataColumn<Symbol>[] {
  const columns = allColumns(shown, onOpen);
  return shown === undefined ? columns : columns.filter(({ id }) => !IN_PANEL.includes(id));
}

function allColumns(shown: string | undefined, onOpen: (ticker: string) => void): DataColumn<Symbol>[] {
  return [
    {
      id: "ticker",
      header: "Ticker",
      width: 96,
      value: ({ ticker }) => ticker,
      cell: ({ ticker }) => (
        <button
          type="button"
          className={styles.ticker}
          aria-pressed={ticker === shown}
          title={ticker === shown ? `Hide the prices of ${ticker}` : `Show the prices of ${ticker}`}
          onClick={() => onOpen(ticker)}
          tabIndex={-1}
        >
          {ticker}
        </button>
      ),
      hideable: false,
    },
    { id: "name", header: "Name", width: 160, grow: 2, value: ({ name }) => name },
    { id: "sector", header: "Sector", width: 176, grow: 1, value: ({ sector }) => sector || null, cell: sectorCell },
    {
      id: "first",
      header: "First bar",
      width: 96,
      align: "right",
      value: ({ coverage }) => coverage?.first ?? null,
      cell: ({ coverage }) => formatBarDate(coverage?.first),
      explain: "Day of the oldest bar, at the exchange.",
    },
    {
      id: "last",
      header: "Last bar",
      width: 96,
      align: "right",
      value: ({ coverage }) => coverage?.last ?? null,
      cell: ({ coverage }) => formatBarDate(coverage?.last),
      explain: "Day of the newest bar, at the exchange.",
    },
    {
      id: "bars",
      header: "Bars",
      width: 72,
      align: "right",
      value: ({ coverage }) => coverage?.n_bars ?? 0,
      cell: ({ coverage }) => formatCount(coverage?.n_bars ?? 0),
      firstSort: "descending",
    },
    {
      id: "source",
      header: "Source",
      width: 176,
      value: ({ coverage }) => coverage?.source ?? null,
      cell: ({ coverage }) =>
        coverage ? [sourceWords(coverage.source), adjustmentWords(coverage.adjustment)].join(", ") : MISSING,
      explain: "Where the prices come from, and what their owner did about splits and dividends.",
      sortable: false,
    },
  ];
}

function sectorCell({ sector }: Symbol) {
  return sector || MISSING;
}
