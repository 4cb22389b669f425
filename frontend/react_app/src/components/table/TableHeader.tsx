import { Tooltip } from "@mantine/core";
import type { Table } from "@tanstack/react-table";
import { useState, type KeyboardEvent, type RefObject } from "react";

import type { DataColumn } from "./columns";
import styles from "./table.module.css";

interface TableHeaderProps<Row> {
  readonly table: Table<Row>;
  readonly columns: readonly DataColumn<Row>[];
  readonly template: string;
  readonly headerRef: RefObject<HTMLDivElement | null>;
  readonly selection: { readonly all: boolean; readonly some: boolean; readonly toggle: () => void } | null;
  /** Called on Arrow Down. */
  readonly toRows: () => void;
}

const ARIA_SORT = { asc: "ascending", desc: "descending" } as const;

/** The sticky heading: one tab stop, arrows between columns, Enter or Space sorts. */
export function TableHeader<Row>({
  table,
  columns,
  template,
  headerRef,
  selection,
  toRows,
}: TableHeaderProps<Row>) {
  const [focused, setFocused] = useState(0);
  const offset = selection ? 1 : 0;
  const stops = columns.length + offset;
  const current = Math.min(focused, stops - 1);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -stops, End: stops }[event.key];
    if (event.key === "ArrowDown") toRows();
    else if (step !== undefined) {
      const next = Math.min(stops - 1, Math.max(0, current + step));
      setFocused(next);
      headerRef.current?.querySelector<HTMLElement>(`[data-stop="${next}"]`)?.focus();
    } else return;
    event.preventDefault();
  };

  return (
    <div role="rowgroup" className={styles.head} ref={headerRef}>
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus -- focus moves between its cells, not to it */}
      <div
        role="row"
        aria-rowindex={1}
        className={styles.headRow}
        style={{ gridTemplateColumns: template }}
        onKeyDown={onKeyDown}
      >
        {selection ? (
          <div role="columnheader" aria-colindex={1} className={styles.checkCell}>
            <label className={styles.check}>
              <input
                type="checkbox"
                aria-label="Select all rows"
                data-stop={0}
                tabIndex={current === 0 ? 0 : -1}
                checked={selection.all}
                ref={(box) => {
                  if (box) box.indeterminate = selection.some && !selection.all;
                }}
                onFocus={() => setFocused(0)}
                onChange={selection.toggle}
              />
            </label>
          </div>
        ) : null}
        {columns.map((column, index) => (
          <HeaderCell
            key={column.id}
            table={table}
            column={column}
            stop={index + offset}
            tabbable={current === index + offset}
            onFocus={setFocused}
          />
        ))}
      </div>
    </div>
  );
}

interface HeaderCellProps<Row> {
  readonly table: Table<Row>;
  readonly column: DataColumn<Row>;
  readonly stop: number;
  readonly tabbable: boolean;
  readonly onFocus: (stop: number) => void;
}

function HeaderCell<Row>({ table, column, stop, tabbable, onFocus }: HeaderCellProps<Row>) {
  const model = table.getColumn(column.id);
  const sorted = model?.getIsSorted() ?? false;
  const sortable = model?.getCanSort() ?? false;
  const align = column.align === "right" ? styles.right : undefined;
  const shared = {
    "data-stop": stop,
    tabIndex: tabbable ? 0 : -1,
    onFocus: () => onFocus(stop),
    className: `${styles.headButton} ${align ?? ""}`,
  };
  const label = (
    <>
      {column.drawn}
      <span className={column.drawn === undefined ? styles.headText : "visually-hidden"}>{column.header}</span>
      <span aria-hidden="true" className={styles.sortMark}>
        {sorted === "asc" ? "▲" : sorted === "desc" ? "▼" : ""}
      </span>
    </>
  );
  return (
    <div
      role="columnheader"
      aria-colindex={stop + 1}
      aria-sort={sorted ? ARIA_SORT[sorted] : sortable ? "none" : undefined}
      className={styles.headCell}
    >
      <Tooltip
        label={column.explain}
        disabled={column.explain === undefined}
        multiline
        maw={320}
        events={{ hover: true, focus: true, touch: true }}
      >
        {sortable ? (
          <button type="button" {...shared} onClick={model?.getToggleSortingHandler()}>
            {label}
          </button>
        ) : (
          <button type="button" {...shared} aria-disabled="true">
            {label}
          </button>
        )}
      </Tooltip>
    </div>
  );
}
