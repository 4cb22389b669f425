import { Button } from "@mantine/core";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";

import { ColumnPicker } from "./ColumnPicker";
import { gridTemplate, type DataColumn } from "./columns";
import { downloadCsv, downloadJson } from "./csv";
import { LayoutMenu } from "./LayoutMenu";
import { CHECK_WIDTH, ROW_HEIGHT } from "./sizes";
import styles from "./table.module.css";
import { TableBody } from "./TableBody";
import { TableHeader } from "./TableHeader";
import { useTableLayout, type LayoutInUse } from "./useTableLayout";
import { useTableModel, type TableOrder } from "./useTableModel";

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
  /** What the rows are filtered by: a change brings the table back to its top. */
  readonly filterKey?: string;
  /** Rows on the server, when more than are loaded. */
  readonly total?: number;
  /** Called when the end of the loaded rows comes near. */
  readonly onEndNear?: () => void;
  readonly hidden?: readonly string[];
  readonly onHiddenChange?: (hidden: string[]) => void;
  /** Names this table among all: its columns may then be moved and resized, and its arrangement saved under names. */
  readonly layoutKey?: string;
  /** False where the address says which columns are shown or in what order: no layout is laid over it on arrival. */
  readonly pristine?: boolean;
  /** Columns that are hidden as the table comes. */
  readonly usuallyHidden?: readonly string[];
  readonly selected?: ReadonlySet<string>;
  readonly onSelectedChange?: (selected: ReadonlySet<string>) => void;
  /** Id of the one row that is marked, and brought on screen when it changes; null while none is. */
  readonly current?: string | null;
  /** A click, or Enter where rows open nothing. */
  readonly onCurrent?: (row: Row) => void;
  /** Enter, or a double click. */
  readonly onOpen?: (row: Row) => void;
  readonly loading?: boolean;
  /** Stands in place of the rows: what went wrong, and a way to try again. */
  readonly error?: ReactNode;
  readonly empty?: ReactNode;
  /** Controls at the left of the toolbar. */
  readonly toolbar?: ReactNode;
  /** Name of the CSV file made of the loaded rows, and of a JSON file beside it; no buttons when absent. */
  readonly csvName?: string;
  /** Downloads CSV from the server instead, whose API answers with JSON. */
  readonly onExport?: () => void;
  /** CSS height of the scrolling part; "auto" is as tall as its rows, up to 480 px. */
  readonly height?: number | string;
}

const NONE: readonly string[] = [];

/** Room for what stands in place of the rows: a heading and two lines. */
const MESSAGE_HEIGHT = 144;

/**
 * The application's one data table: virtualised rows, a sticky heading that sorts, and the keyboard: arrows move,
 * Enter opens, Space selects.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rowId, selected, onSelectedChange, onOpen, onCurrent } = props;
  const arrangement = useTableLayout({
    layoutKey: props.layoutKey,
    columns: props.columns,
    hidden: props.hidden,
    usuallyHidden: props.usuallyHidden,
    onHiddenChange: props.onHiddenChange,
    order: props.order,
    onOrderChange: props.onOrderChange,
  });
  const { columns, hidden } = arrangement;
  // State, not a ref: the rows below are drawn once the box they scroll in is there.
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const headerRef = useRef<HTMLDivElement>(null);

  const table = useTableModel({
    columns,
    rows: props.rows,
    rowId,
    hidden,
    order: arrangement.sorting,
    onOrderChange: arrangement.setSorting,
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

  const open = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row) onOpen?.(row.original);
    },
    [rows, onOpen],
  );
  const choose = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row) onCurrent?.(row.original);
    },
    [rows, onCurrent],
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

  const toRows = useCallback(() => {
    box?.querySelector<HTMLElement>("[data-index][tabindex='0']")?.focus();
  }, [box]);

  const total = Math.max(props.total ?? 0, rows.length);
  const message = tableMessage(props, rows.length);
  const height = props.height ?? "auto";
  const auto = height === "auto";

  return (
    <div className={styles.frame} style={height === "100%" ? { height } : undefined}>
      <Toolbar table={props} shown={rows} arrangement={arrangement} />
      <div
        ref={setBox}
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={visible.length + (selectable ? 1 : 0)}
        aria-multiselectable={selectable ? true : undefined}
        aria-busy={props.loading ?? false}
        tabIndex={rows.length === 0 ? 0 : -1}
        className={auto ? `${styles.scroll} ${styles.auto}` : styles.scroll}
        style={auto ? { minHeight: message === null ? undefined : ROW_HEIGHT + MESSAGE_HEIGHT } : { height }}
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
            toRows={toRows}
            onWidth={props.layoutKey === undefined ? undefined : arrangement.setWidth}
            onMove={props.layoutKey === undefined ? undefined : arrangement.move}
          />
          {message === null ? (
            <TableBody<Row>
              rows={rows}
              columns={visible}
              template={layout.template}
              rowLabel={props.rowLabel}
              box={box}
              listKey={`${JSON.stringify(table.getState().sorting)} ${props.filterKey ?? ""}`}
              onEndNear={props.onEndNear}
              selected={selectable ? selected : null}
              current={props.current}
              onChoose={onCurrent ? choose : undefined}
              onOpen={onOpen ? open : onCurrent ? choose : undefined}
              onToggle={selectable ? toggle : undefined}
              toHeader={toHeader}
            />
          ) : (
            // A grid holds rows only, so the words stand in one.
            <div role="rowgroup">
              <div role="row" data-message>
                <div role="gridcell" className={styles.state}>
                  {message}
                </div>
              </div>
            </div>
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
  /** In the order on screen, which is the order in a file. */
  readonly shown: readonly { readonly original: Row }[];
  readonly arrangement: LayoutInUse<Row>;
}

function Toolbar<Row>({ table, shown, arrangement }: ToolbarProps<Row>) {
  const { rows, csvName, onExport, layoutKey } = table;
  const { columns } = arrangement;
  const exportLoaded = (write: typeof downloadCsv, filename: string) => {
    const exported = columns.filter((column) => column.exported !== false);
    write(
      filename,
      exported.map((column) => column.id),
      shown.map(({ original }) => exported.map((column) => column.value(original))),
    );
  };
  const canExport = onExport !== undefined || csvName !== undefined;
  return (
    <div className={styles.toolbar}>
      {table.toolbar}
      <span className={styles.spring} />
      <div className={styles.tools}>
        <ColumnPicker
          columns={columns}
          hidden={arrangement.hidden}
          onChange={arrangement.setHidden}
          onMove={layoutKey === undefined ? undefined : arrangement.move}
          onWidth={layoutKey === undefined ? undefined : arrangement.setWidth}
        />
        {layoutKey === undefined ? null : (
          <LayoutMenu
            table={layoutKey}
            columns={table.columns}
            layout={arrangement}
            pristine={table.pristine ?? true}
            usuallyHidden={table.usuallyHidden ?? NONE}
          />
        )}
        {canExport ? (
          <Button
            variant="default"
            disabled={rows.length === 0}
            onClick={onExport ?? (() => exportLoaded(downloadCsv, csvName ?? "table.csv"))}
          >
            CSV
          </Button>
        ) : null}
        {csvName !== undefined && onExport === undefined ? (
          <Button
            variant="default"
            disabled={rows.length === 0}
            onClick={() => exportLoaded(downloadJson, csvName.replace(/\.csv$/, ".json"))}
          >
            JSON
          </Button>
        ) : null}
      </div>
    </div>
  );
}
