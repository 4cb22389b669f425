import { Tooltip } from "@mantine/core";
import type { Table } from "@tanstack/react-table";
import { useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from "react";

import { WIDTH_STEP } from "./ColumnPicker";
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
  /** Absent where columns keep their widths and places. */
  readonly onWidth: ((id: string, width: number) => void) | undefined;
  readonly onMove: ((id: string, step: -1 | 1) => void) | undefined;
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
  onWidth,
  onMove,
}: TableHeaderProps<Row>) {
  const [focused, setFocused] = useState(0);
  const offset = selection ? 1 : 0;
  const stops = columns.length + offset;
  const current = Math.min(focused, stops - 1);

  /** Shift with an arrow sets the width of the column in focus, Ctrl moves it. */
  const arrangeByKey = (event: KeyboardEvent): boolean => {
    const sign = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const column = columns[current - offset];
    if (sign === 0 || !column || event.shiftKey === (event.ctrlKey || event.metaKey)) return false;
    if (event.shiftKey) {
      onWidth?.(column.id, widthOf(headerRef.current, current) + sign * WIDTH_STEP);
    } else {
      onMove?.(column.id, sign);
      // The focus goes along with the column.
      const next = Math.min(stops - 1, Math.max(offset, current + sign));
      setFocused(next);
      queueMicrotask(() => headerRef.current?.querySelector<HTMLElement>(`[data-stop="${next}"]`)?.focus());
    }
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (onWidth && arrangeByKey(event)) {
      event.preventDefault();
      return;
    }
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
            onWidth={onWidth}
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
  readonly onWidth: ((id: string, width: number) => void) | undefined;
}

function HeaderCell<Row>({ table, column, stop, tabbable, onFocus, onWidth }: HeaderCellProps<Row>) {
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
      {onWidth ? <WidthHandle onWidth={(width) => onWidth(column.id, width)} /> : null}
    </div>
  );
}

/** The edge between two headings, for the pointer; keys and the list of columns do the same without dragging. */
function WidthHandle({ onWidth }: { readonly onWidth: (width: number) => void }) {
  const start = useRef<{ readonly x: number; readonly width: number } | null>(null);
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? 0 };
  };
  return (
    <span
      aria-hidden="true"
      className={styles.widthHandle}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => {
        if (start.current) onWidth(start.current.width + event.clientX - start.current.x);
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
    />
  );
}

/** The width a heading has on screen, which a growing column's own width is not. */
function widthOf(header: HTMLElement | null, stop: number): number {
  return header?.querySelector<HTMLElement>(`[data-stop="${stop}"]`)?.parentElement?.offsetWidth ?? 0;
}
