/** How a table is arranged: what a named layout stores, and how it is laid over the table's own columns. */
import type { DataColumn } from "./columns";
import type { TableOrder } from "./useTableModel";

export interface TableLayout {
  /** Ids of columns, first to last; columns it does not name stay beside their usual neighbour. */
  readonly columns: readonly string[];
  readonly hidden: readonly string[];
  /** Widths in pixels that somebody set. */
  readonly widths: Readonly<Record<string, number>>;
  readonly sorting: TableOrder | null;
}

export const LEAST_WIDTH = 40;
export const MOST_WIDTH = 800;

export function clampWidth(width: number): number {
  return Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width)));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? [...new Set(value.filter((each) => typeof each === "string"))] : [];

/** Reads what was stored: anything that is no layout is left out, and where the columns are given what they lack. */
export function readLayout<Row>(stored: unknown, columns?: readonly DataColumn<Row>[]): TableLayout {
  const raw = isRecord(stored) ? stored : {};
  const known = (id: string) => columns?.some((column) => column.id === id) ?? true;
  const mayHide = (id: string) => columns?.some((column) => column.id === id && column.hideable !== false) ?? true;
  const widths = Object.entries(isRecord(raw.widths) ? raw.widths : {})
    .filter((entry): entry is [string, number] => known(entry[0]) && typeof entry[1] === "number" && entry[1] > 0)
    .map(([id, width]) => [id, clampWidth(width)] as const);
  const sorting = isRecord(raw.sorting) ? raw.sorting : {};
  return {
    columns: texts(raw.columns).filter(known),
    hidden: texts(raw.hidden).filter(mayHide),
    widths: Object.fromEntries(widths),
    sorting:
      typeof sorting.column === "string" && known(sorting.column)
        ? { column: sorting.column, descending: sorting.descending === true }
        : null,
  };
}

/** The ids of all columns in a layout's order. */
export function orderedIds(own: readonly string[], wanted: readonly string[]): string[] {
  const ids = wanted.filter((id) => own.includes(id));
  own.forEach((id, index) => {
    if (ids.includes(id)) return;
    const before = own[index - 1];
    ids.splice(before === undefined ? 0 : ids.indexOf(before) + 1, 0, id);
  });
  return ids;
}

/** The columns in a layout's order and widths. A width somebody set no longer grows. */
export function arrange<Row>(
  columns: readonly DataColumn<Row>[],
  layout: Pick<TableLayout, "columns" | "widths">,
): readonly DataColumn<Row>[] {
  if (layout.columns.length === 0 && Object.keys(layout.widths).length === 0) return columns;
  const ids = orderedIds(
    columns.map(({ id }) => id),
    layout.columns,
  );
  return ids.flatMap((id) => {
    const column = columns.find((each) => each.id === id);
    if (!column) return [];
    const width = layout.widths[id];
    return width === undefined ? [column] : [{ ...column, width, grow: 0 }];
  });
}

/** The ids with one of them a place further to the left (-1) or right (1), past what is hidden. */
export function moved(ids: readonly string[], id: string, step: -1 | 1, hidden: readonly string[] = []): string[] {
  const from = ids.indexOf(id);
  let to = from + step;
  while (to >= 0 && to < ids.length && hidden.includes(ids[to] ?? "")) to += step;
  if (from < 0 || to < 0 || to >= ids.length) return [...ids];
  const rest = ids.filter((each) => each !== id);
  rest.splice(to, 0, id);
  return rest;
}

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((each, index) => each === b[index]);

/** Whether two layouts show a table alike. */
export function sameLayout(a: TableLayout, b: TableLayout, own: readonly string[]): boolean {
  return (
    sameList(orderedIds(own, a.columns), orderedIds(own, b.columns)) &&
    sameList([...a.hidden].sort(), [...b.hidden].sort()) &&
    JSON.stringify(Object.entries(a.widths).sort()) === JSON.stringify(Object.entries(b.widths).sort()) &&
    a.sorting?.column === b.sorting?.column &&
    (a.sorting?.descending ?? false) === (b.sorting?.descending ?? false)
  );
}
