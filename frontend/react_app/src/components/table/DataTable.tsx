import { Button } from "@mantine/core";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";

import { ColumnPicker } from "./ColumnPicker";
import { gridTemplate, type DataColumn } from "./columns";
import { downloadCsv } from "./csv";
import styles from "./table.module.css";
import { TableHeader } from "./TableHeader";
import { TableRow } from "./TableRow";
import { useGridKeys } from "./useGridKeys";
import { useRowFocus } from "./useRowFocus";
import { useTableModel, type TableOrder } from "./useTableModel";

export const ROW_HEIGHT = 28;
const CHECK_WIDTH = 32;

export interface DataTableProps<Row> {
  /** Names the table for assistive technology. */
  readonly label: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** Words for a row, for example "KO / PEP". */
  readonly rowLabel?: (row: Row) => string;
  /** Order from outside (the URL); the table keeps its own when absent. */
  readonly order?: TableOrder | null;
  readonly onOrderChange?: (order: TableOrder | null) => void;
  /** The rows arrive in order: the server sorts. */
  readonly serverSorted?: boolean;
  /** Rows on the server, when more than are loaded. */
  readonly total?: number;
  /** Called when the end of the loaded rows comes near. */
  readonly onEndNear?: () => void;
  readonly hidden?: readonly string[];
  readonly onHiddenChange?: (hidden: string[]) => void;
  readonly selected?: ReadonlySet<string>;
  readonly onSelectedChange?: (selected: ReadonlySet<string>) => void;
  /** Enter, or a double click. */
  readonly onOpen?: (row: Row) => void;
  readonly loading?: boolean;
  /** Stands in place of the rows: what went wrong, and a way to try again. */
  readonly error?: ReactNode;
  readonly empty?: ReactNode;
  /** Controls at the left of the toolbar. */
  readonly toolbar?: ReactNode;
  /** Name of the CSV file made of the loaded rows; no button when absent. */
  readonly csvName?: string;
  /** Downloads from the server instead. */
  readonly onExport?: () => void;
  /** CSS height of the scrolling part; "auto" is as tall as its rows, up to 480 px. */
  readonly height?: number | string;
}

/**
 * The application's one data table: virtualised rows, a sticky heading that sorts, and the keyboard: arrows move,
 * Enter opens, Space selects.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rowId, hidden: givenHidden, selected, onSelectedChange, onOpen } = props;
  const [ownHidden, setOwnHidden] = useState<readonly string[]>([]);
  const hidden = givenHidden ?? ownHidden;
  const scrollRef = useRef<HTMLDivElement>(null);
  const headerRef = useRef<HTMLDivElement>(null);

  const table = useTableModel({
    columns,
    rows: props.rows,
    rowId,
    hidden,
    order: props.order,
    onOrderChange: props.onOrderChange,
    serverSorted: props.serverSorted ?? false,
  });
  const rows = table.getRowModel().rows;
  const visible = useMemo(() => columns.filter((column) => !hidden.includes(column.id)), [columns, hidden]);
  const selectable = selected !== undefined && onSelectedChange !== undefined;
  const layout = useMemo(() => {
    const { template, minWidth } = gridTemplate(visible);
    return selectable
      ? { template: `${CHECK_WIDTH}px ${template}`, minWidth: minWidth + CHECK_WIDTH }
      : { template, minWidth };
  }, [visible, selectable]);

  const { virtualizer, active, activate, move } = useRowFocus({
    count: rows.length,
    scrollRef,
    headerHeight: ROW_HEIGHT,
    rowHeight: ROW_HEIGHT,
    onEndNear: props.onEndNear,
  });

  const open = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row) onOpen?.(row.original);
    },
    [rows, onOpen],
  );
  const toggle = useCallback(
    (index: number) => {
      const row = rows[index];
      if (!row || !selected || !onSelectedChange) return;
      const next = new Set(selected);
      if (!next.delete(row.id)) next.add(row.id);
      onSelectedChange(next);
    },
    [rows, selected, onSelectedChange],
  );
  const toHeader = useCallback(() => {
    headerRef.current?.querySelector<HTMLElement>("[data-stop][tabindex='0']")?.focus();
  }, []);

  const onKeyDown = useGridKeys({
    count: rows.length,
    page: useCallback(() => Math.floor((scrollRef.current?.clientHeight ?? 300) / ROW_HEIGHT) - 2, []),
    active,
    move,
    open: onOpen ? open : undefined,
    toggle: selectable ? toggle : undefined,
    toHeader,
  });

  const total = Math.max(props.total ?? 0, rows.length);
  const bodyHeight = virtualizer.getTotalSize();
  const message = tableMessage(props, rows.length);
  const height = props.height ?? "auto";
  const natural = ROW_HEIGHT + 3 + (message === null ? bodyHeight : 96);

  return (
    <div className={styles.frame} style={height === "100%" ? { height } : undefined}>
      <Toolbar table={props} hidden={hidden} onHiddenChange={props.onHiddenChange ?? setOwnHidden} />
      <div
        ref={scrollRef}
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={visible.length + (selectable ? 1 : 0)}
        aria-multiselectable={selectable ? true : undefined}
        aria-busy={props.loading ?? false}
        tabIndex={rows.length === 0 ? 0 : -1}
        className={styles.scroll}
        style={height === "auto" ? { height: Math.min(natural, 480), flex: "none" } : { height }}
        onKeyDown={onKeyDown}
      >
        <div style={{ minWidth: layout.minWidth }}>
          <TableHeader
            table={table}
            columns={visible}
            template={layout.template}
            headerRef={headerRef}
            selection={
              selectable
                ? {
                    all: rows.length > 0 && rows.every((row) => selected.has(row.id)),
                    some: selected.size > 0,
                    toggle: () =>
                      onSelectedChange(
                        rows.every((row) => selected.has(row.id)) ? new Set() : new Set(rows.map((row) => row.id)),
                      ),
                  }
                : null
            }
            toRows={() => move(active)}
          />
          {message === null ? (
            <div role="rowgroup" className={styles.body} style={{ height: bodyHeight }}>
              {virtualizer.getVirtualItems().map((item) => {
                const row = rows[item.index];
                return row === undefined ? null : (
                  <TableRow<Row>
                    key={row.id}
                    row={row.original}
                    columns={visible}
                    template={layout.template}
                    index={item.index}
                    top={item.start - ROW_HEIGHT}
                    active={item.index === active}
                    selected={selectable ? selected.has(row.id) : null}
                    label={props.rowLabel?.(row.original) ?? row.id}
                    onActivate={activate}
                    onOpen={onOpen ? open : undefined}
                    onToggle={selectable ? toggle : undefined}
                  />
                );
              })}
            </div>
          ) : (
            <div className={styles.state}>{message}</div>
          )}
        </div>
      </div>
      {total > rows.length && rows.length > 0 ? (
        <p className={styles.foot}>
          {rows.length.toLocaleString("en-GB")} of {total.toLocaleString("en-GB")} rows loaded; more come as you scroll.
        </p>
      ) : null}
    </div>
  );
}

function tableMessage<Row>(props: DataTableProps<Row>, count: number): ReactNode {
  if (props.error !== undefined && props.error !== null) return props.error;
  if (count > 0) return null;
  if (props.loading) return <span role="status">Loading…</span>;
  return props.empty ?? "Nothing here.";
}

interface ToolbarProps<Row> {
  readonly table: DataTableProps<Row>;
  readonly hidden: readonly string[];
  readonly onHiddenChange: (hidden: string[]) => void;
}

function Toolbar<Row>({ table, hidden, onHiddenChange }: ToolbarProps<Row>) {
  const { columns, rows, csvName, onExport } = table;
  const exportLoaded = () => {
    const exported = columns.filter((column) => column.exported !== false);
    downloadCsv(
      csvName ?? "table.csv",
      exported.map((column) => column.id),
      rows.map((row) => exported.map((column) => column.value(row))),
    );
  };
  const canExport = onExport !== undefined || csvName !== undefined;
  return (
    <div className={styles.toolbar}>
      {table.toolbar}
      <span className={styles.spring} />
      <ColumnPicker columns={columns} hidden={hidden} onChange={onHiddenChange} />
      {canExport ? (
        <Button variant="default" disabled={rows.length === 0} onClick={onExport ?? exportLoaded}>
          CSV
        </Button>
      ) : null}
    </div>
  );
}
