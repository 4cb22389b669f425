import type { Row } from "@tanstack/react-table";
import { useCallback, useEffect } from "react";

import type { DataColumn } from "./columns";
import { ROW_HEIGHT } from "./sizes";
import styles from "./table.module.css";
import { TableRow } from "./TableRow";
import { useGridKeys } from "./useGridKeys";
import { useRowFocus } from "./useRowFocus";

interface TableBodyProps<Data> {
  readonly rows: readonly Row<Data>[];
  readonly columns: readonly DataColumn<Data>[];
  readonly template: string;
  readonly rowLabel: ((row: Data) => string) | undefined;
  /** The element that scrolls; null before it is drawn. */
  readonly box: HTMLDivElement | null;
  readonly listKey: string;
  readonly onEndNear: (() => void) | undefined;
  /** Null where rows can't be selected. */
  readonly selected: ReadonlySet<string> | null;
  /** Id of the marked row; undefined where rows are not marked. */
  readonly current: string | null | undefined;
  readonly onChoose: ((index: number) => void) | undefined;
  readonly onOpen: ((index: number) => void) | undefined;
  readonly onToggle: ((index: number) => void) | undefined;
  readonly toHeader: () => void;
}

/** The rows on screen. Scrolling redraws this part and nothing around it. */
export function TableBody<Data>(props: TableBodyProps<Data>) {
  const { rows, columns, template, box, selected, onOpen, onToggle } = props;
  const { virtualizer, active, activate, move } = useRowFocus({
    count: rows.length,
    box,
    headerHeight: ROW_HEIGHT,
    rowHeight: ROW_HEIGHT,
    onEndNear: props.onEndNear,
    listKey: props.listKey,
  });
  const marked = props.current == null ? -1 : rows.findIndex(({ id }) => id === props.current);
  useEffect(() => {
    if (marked < 0) return;
    virtualizer.scrollToIndex(marked, { align: "auto" });
    activate(marked);
  }, [marked, virtualizer, activate]);
  const page = useCallback(
    () => Math.max(1, Math.floor((box?.clientHeight ?? 300) / ROW_HEIGHT) - 2),
    [box],
  );
  const onKeyDown = useGridKeys({
    count: rows.length,
    page,
    active,
    move,
    open: onOpen,
    toggle: onToggle,
    toHeader: props.toHeader,
  });
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of its rows, which take the focus
    <div role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize() }} onKeyDown={onKeyDown}>
      {virtualizer.getVirtualItems().map((item) => {
        const row = rows[item.index];
        return row === undefined ? null : (
          <TableRow<Data>
            key={row.id}
            row={row.original}
            columns={columns}
            template={template}
            index={item.index}
            top={item.start - ROW_HEIGHT}
            active={item.index === active}
            selected={selected === null ? null : selected.has(row.id)}
            current={props.current === undefined ? null : row.id === props.current}
            onChoose={props.onChoose}
            label={props.rowLabel?.(row.original) ?? row.id}
            onActivate={activate}
            onOpen={onOpen}
            onToggle={onToggle}
          />
        );
      })}
    </div>
  );
}
