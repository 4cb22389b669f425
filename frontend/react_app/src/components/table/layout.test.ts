import { describe, expect, it } from "vitest";

import type { DataColumn } from "./columns";
import { arrange, clampWidth, moved, orderedIds, readLayout, sameLayout, type TableLayout } from "./layout";

const column = (id: string, rest: Partial<DataColumn<unknown>> = {}): DataColumn<unknown> => ({
  id,
  header: id,
  width: 80,
  grow: 1,
  value: () => null,
  ...rest,
});
const COLUMNS = [column("a", { hideable: false }), column("b"), column("c"), column("d")];
const OWN = COLUMNS.map(({ id }) => id);

describe("a stored layout", () => {
  it("loses what the table no longer has, what may not be hidden, and nonsense", () => {
    const stored = {
      columns: ["c", "gone", "a", "c", 7],
      hidden: ["a", "b", "gone"],
      widths: { b: 120.4, c: "wide", gone: 50, d: 1 },
      sorting: { column: "gone", descending: true },
    };
    expect(readLayout(stored, COLUMNS)).toEqual({
      columns: ["c", "a"],
      hidden: ["b"],
      widths: { b: 120, d: 40 },
      sorting: null,
    });
  });

  it("is the usual arrangement when it is no layout at all", () => {
    for (const nonsense of [null, "x", 3, [], { columns: {}, widths: [], sorting: 1 }]) {
      expect(readLayout(nonsense, COLUMNS)).toEqual({ columns: [], hidden: [], widths: {}, sorting: null });
    }
  });
});

describe("arranging columns", () => {
  it("puts columns a layout does not know beside their usual neighbour", () => {
    expect(orderedIds(OWN, ["d", "b"])).toEqual(["a", "d", "b", "c"]);
    expect(orderedIds(OWN, [])).toEqual(OWN);
  });

  it("keeps the very columns where nothing was arranged: memoised rows stay as they are", () => {
    expect(arrange(COLUMNS, { columns: [], widths: {} })).toBe(COLUMNS);
  });

  it("gives the width set, which then no longer grows", () => {
    const [first, second] = arrange(COLUMNS, { columns: ["b"], widths: { b: 200 } });
    expect([first!.id, second!.id]).toEqual(["a", "b"]);
    expect([second!.width, second!.grow, first!.grow]).toEqual([200, 0, 1]);
  });

  it("moves by one place, past hidden columns, and stops at the ends", () => {
    expect(moved(OWN, "b", 1)).toEqual(["a", "c", "b", "d"]);
    expect(moved(OWN, "b", 1, ["c"])).toEqual(["a", "c", "d", "b"]);
    expect(moved(OWN, "a", -1)).toEqual(OWN);
    expect(moved(OWN, "d", 1)).toEqual(OWN);
    expect(moved(OWN, "gone", 1)).toEqual(OWN);
  });

  it("keeps widths usable", () => {
    expect([clampWidth(-5), clampWidth(99.6), clampWidth(5_000)]).toEqual([40, 100, 800]);
  });
});

describe("comparing layouts", () => {
  const layout = (given: Partial<TableLayout> = {}): TableLayout => ({
    columns: [],
    hidden: [],
    widths: {},
    sorting: null,
    ...given,
  });
  it("says alike what looks alike", () => {
    expect(sameLayout(layout(), layout({ columns: OWN }), OWN)).toBe(true);
    expect(sameLayout(layout({ hidden: ["b", "c"] }), layout({ hidden: ["c", "b"] }), OWN)).toBe(true);
    expect(sameLayout(layout(), layout({ columns: ["b", "a"] }), OWN)).toBe(false);
    expect(sameLayout(layout(), layout({ widths: { b: 90 } }), OWN)).toBe(false);
    expect(sameLayout(layout(), layout({ sorting: { column: "b", descending: true } }), OWN)).toBe(false);
  });
});
