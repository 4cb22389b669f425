import { describe, expect, it } from "vitest";

import { compareValues, gridTemplate, toColumnDefs, type DataColumn } from "./columns";

interface Row {
  readonly name: string;
  readonly value: number | null;
}

const COLUMNS: DataColumn<Row>[] = [
  { id: "name", header: "Name", width: 80, grow: 2, hideable: false, value: (row) => row.name },
  { id: "value", header: "Value", width: 60, sortable: false, firstSort: "descending", value: (row) => row.value },
];

describe("columns", () => {
  it("makes missing and NaN undefined, which sorts last both ways", () => {
    const [, value] = toColumnDefs(COLUMNS) as unknown as { accessorFn: (row: Row) => unknown; sortUndefined: string }[];
    expect(value!.accessorFn({ name: "a", value: null })).toBeUndefined();
    expect(value!.accessorFn({ name: "a", value: Number.NaN })).toBeUndefined();
    expect(value!.accessorFn({ name: "a", value: 0 })).toBe(0);
    expect(value!.sortUndefined).toBe("last");
  });

  it("passes on what may be sorted and hidden", () => {
    const [name, value] = toColumnDefs(COLUMNS);
    expect([name!.enableSorting, name!.enableHiding, name!.sortDescFirst]).toEqual([true, false, false]);
    expect([value!.enableSorting, value!.enableHiding, value!.sortDescFirst]).toEqual([false, true, true]);
  });

  it("compares numbers as numbers and text without case, digits by value", () => {
    expect(compareValues(9, 10)).toBeLessThan(0);
    expect(compareValues("Scan 9", "scan 10")).toBeLessThan(0);
    expect(compareValues("b", "A")).toBeGreaterThan(0);
    expect(compareValues(2, 2)).toBe(0);
  });

  it("makes grid tracks of widths", () => {
    expect(gridTemplate(COLUMNS)).toEqual({ template: "minmax(80px, 2fr) 60px", minWidth: 140 });
  });
});
