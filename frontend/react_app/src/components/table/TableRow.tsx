import { memo, type ReactNode } from "react";

import type { DataColumn } from "./columns";
import styles from "./table.module.css";

interface TableRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly DataColumn<Row>[];
  readonly template: string;
  readonly index: number;
  readonly top: number;
  readonly active: boolean;
  /** Null where rows can't be selected. */
  readonly selected: boolean | null;
  /** Null where rows are not marked. */
  readonly current: boolean | null;
  readonly onChoose: ((index: number) => void) | undefined;
  readonly label: string;
  readonly onActivate: (index: number) => void;
  readonly onOpen: ((index: number) => void) | undefined;
  readonly onToggle: ((index: number) => void) | undefined;
}

function shown<Row>(column: DataColumn<Row>, row: Row): ReactNode {
  return column.cell ? column.cell(row) : column.value(row);
}

function Row<Row>(props: TableRowProps<Row>) {
  const { row, columns, template, index, top, active, selected, current, label } = props;
  const offset = selected === null ? 1 : 2;
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid around it handles the keys
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected ?? current ?? undefined}
      data-index={index}
      tabIndex={active ? 0 : -1}
      className={styles.row}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      onClick={() => {
        props.onActivate(index);
        props.onChoose?.(index);
      }}
      onDoubleClick={() => props.onOpen?.(index)}
    >
      {selected === null ? null : (
        <div role="gridcell" aria-colindex={1} className={styles.checkCell}>
          <label className={styles.check}>
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={`Select ${label}`}
              checked={selected}
              onChange={() => props.onToggle?.(index)}
            />
          </label>
        </div>
      )}
      {columns.map((column, position) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={position + offset}
          className={column.align === "right" ? styles.number : styles.cell}
        >
          {shown(column, row)}
        </div>
      ))}
    </div>
  );
}

/** One row; it redraws only when its own data, place or state changed. */
export const TableRow = memo(Row) as typeof Row;
