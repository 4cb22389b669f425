import { useMemo, useState } from "react";

import type { DataColumn } from "./columns";
import { arrange, clampWidth, moved, orderedIds, readLayout, type TableLayout } from "./layout";
import type { TableOrder } from "./useTableModel";

interface Given<Row> {
  /** Names the table among all tables; without it nothing is remembered. */
  readonly layoutKey: string | undefined;
  readonly columns: readonly DataColumn<Row>[];
  readonly hidden: readonly string[] | undefined;
  /** Hidden as the table comes, until this browser remembers otherwise. */
  readonly usuallyHidden?: readonly string[] | undefined;
  readonly onHiddenChange: ((hidden: string[]) => void) | undefined;
  readonly order: TableOrder | null | undefined;
  readonly onOrderChange: ((order: TableOrder | null) => void) | undefined;
}

/** What this browser remembers of a table between visits. */
interface Kept extends TableLayout {
  /** The named layout it came from. */
  readonly named: number | null;
}

const storageKey = (table: string) => `titan.table.${table}`;

function load(table: string | undefined): Kept | null {
  if (table === undefined) return null;
  try {
    const text = localStorage.getItem(storageKey(table));
    if (text === null) return null;
    const raw = JSON.parse(text) as { named?: unknown };
    return { ...readLayout(raw), named: typeof raw.named === "number" ? raw.named : null };
  } catch {
    return null;
  }
}

const USUAL: Kept = { columns: [], hidden: [], widths: {}, sorting: null, named: null };

/** The arrangement of one table: the caller's (the address) for what it holds, this browser's for the rest. */
export function useTableLayout<Row>(given: Given<Row>) {
  const { layoutKey, columns } = given;
  const [kept, setKept] = useState<Kept | null>(() => load(layoutKey));
  const { usuallyHidden } = given;
  const now = useMemo(() => kept ?? { ...USUAL, hidden: [...(usuallyHidden ?? [])] }, [kept, usuallyHidden]);
  const hidden = useMemo(
    () => given.hidden ?? now.hidden.filter((id) => columns.some((each) => each.id === id && each.hideable !== false)),
    [given.hidden, now.hidden, columns],
  );
  const own = columns.some(({ id }) => id === now.sorting?.column) ? now.sorting : null;
  const sorting = given.order === undefined ? own : given.order;

  const keep = (change: Partial<Kept>) => {
    const next = { ...now, ...change };
    setKept(next);
    if (layoutKey !== undefined) localStorage.setItem(storageKey(layoutKey), JSON.stringify(next));
  };
  const setHidden = (next: string[]) => {
    if (given.hidden === undefined) keep({ hidden: next });
    given.onHiddenChange?.(next);
  };
  const setSorting = (next: TableOrder | null) => {
    if (given.order === undefined) keep({ sorting: next });
    given.onOrderChange?.(next);
  };
  const ids = useMemo(
    () =>
      orderedIds(
        columns.map(({ id }) => id),
        now.columns,
      ),
    [columns, now.columns],
  );
  const arranged = useMemo(() => arrange(columns, now), [columns, now]);

  return {
    /** False until somebody arranged this table in this browser. */
    touched: kept !== null,
    named: now.named,
    columns: arranged,
    hidden,
    sorting,
    setHidden,
    setSorting,
    setWidth: (id: string, width: number) => keep({ widths: { ...now.widths, [id]: clampWidth(width) } }),
    move: (id: string, step: -1 | 1) => keep({ columns: moved(ids, id, step, hidden) }),
    /** What a named layout stores of what is on screen. */
    current: { columns: ids, hidden, widths: now.widths, sorting } satisfies TableLayout,
    setNamed: (named: number | null) => keep({ named }),
    apply: (layout: TableLayout, named: number | null) => {
      keep({ ...layout, named });
      given.onHiddenChange?.([...layout.hidden]);
      given.onOrderChange?.(layout.sorting);
    },
    /** Back to how the table comes. */
    reset: (usuallyHidden: readonly string[]) => {
      keep(USUAL);
      given.onHiddenChange?.([...usuallyHidden]);
      given.onOrderChange?.(null);
    },
  };
}

export type LayoutInUse<Row> = ReturnType<typeof useTableLayout<Row>>;
