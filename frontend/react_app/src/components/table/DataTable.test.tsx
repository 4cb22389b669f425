import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { DataTable, type DataTableProps } from "./DataTable";
import type { DataColumn } from "./columns";

interface Row {
  readonly id: number;
  readonly value: number | null;
}

const COLUMNS: DataColumn<Row>[] = [
  { id: "id", header: "Id", width: 60, hideable: false, value: (row) => row.id },
  { id: "value", header: "Value", width: 60, align: "right", value: (row) => row.value },
];
const ROWS: Row[] = Array.from({ length: 10_000 }, (_, index) => ({
  id: index,
  value: index === 0 ? null : (index * 7919) % 10_007,
}));

function Table(props: Partial<DataTableProps<Row>>) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <MantineProvider env="test">
      <DataTable
        label="Numbers"
        columns={COLUMNS}
        rows={ROWS}
        rowId={(row) => String(row.id)}
        rowLabel={(row) => `row ${row.id}`}
        selected={selected}
        onSelectedChange={setSelected}
        height={300}
        {...props}
      />
    </MantineProvider>
  );
}

const firstCells = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("gridcell")[1]!.textContent);

/** jsdom's blobs have no text(). */
const textOf = (blob: Blob) =>
  new Promise<unknown>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsText(blob);
  });

beforeEach(() => {
  // Nothing has a size in jsdom; the virtualiser needs one to know what fits.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(300);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(600);
  Element.prototype.scrollTo = function scrollTo(this: Element, options?: ScrollToOptions | number) {
    if (typeof options === "object") this.scrollTop = options.top ?? 0;
    this.dispatchEvent(new Event("scroll"));
  };
});

describe("DataTable", () => {
  it("draws a screenful of 10,000 rows and says how many there are", () => {
    render(<Table />);
    expect(screen.getByRole("grid", { name: "Numbers" })).toHaveAttribute("aria-rowcount", "10001");
    expect(screen.getAllByRole("row").length).toBeLessThan(40);
    expect(firstCells().slice(0, 3)).toEqual(["0", "1", "2"]);
  });

  it("sorts on click, says so, and keeps missing values last both ways", async () => {
    const user = userEvent.setup();
    render(<Table rows={ROWS.slice(0, 5)} />);
    const heading = screen.getByRole("columnheader", { name: "Value" });
    expect(heading).toHaveAttribute("aria-sort", "none");
    await user.click(within(heading).getByRole("button"));
    expect(heading).toHaveAttribute("aria-sort", "ascending");
    expect(firstCells().at(-1)).toBe("0");
    await user.click(within(heading).getByRole("button"));
    expect(heading).toHaveAttribute("aria-sort", "descending");
    expect(firstCells().at(-1)).toBe("0");
  });

  it("moves with arrows, opens with Enter, selects with Space", async () => {
    const user = userEvent.setup();
    const onOpen = vi.fn();
    render(<Table onOpen={onOpen} />);
    screen.getAllByRole("row")[1]!.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement).toHaveAttribute("aria-rowindex", "4");
    await user.keyboard("{Enter}");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(ROWS[2]);
    await user.keyboard(" ");
    expect(document.activeElement).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{Home}");
    expect(document.activeElement).toHaveAttribute("aria-rowindex", "2");
  });

  it("goes up into the heading and back down", async () => {
    const user = userEvent.setup();
    render(<Table />);
    screen.getAllByRole("row")[1]!.focus();
    await user.keyboard("{ArrowUp}");
    expect(screen.getByRole("checkbox", { name: "Select all rows" })).toHaveFocus();
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(screen.getByRole("button", { name: "Value" })).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toHaveAttribute("aria-rowindex", "2");
  });

  it("asks for more rows only when the loaded end is near", () => {
    const far = vi.fn();
    const { unmount } = render(<Table onEndNear={far} total={20_000} />);
    expect(far).not.toHaveBeenCalled();
    expect(screen.getByText(/10,000 of 20,000 rows loaded/)).toBeInTheDocument();
    unmount();
    const near = vi.fn();
    render(<Table rows={ROWS.slice(0, 20)} onEndNear={near} />);
    expect(near).toHaveBeenCalled();
  });

  it("says loading, empty and error in words", () => {
    const { rerender } = render(<Table rows={[]} loading />);
    expect(screen.getByText("Loading…")).toBeInTheDocument();
    rerender(<Table rows={[]} empty="No scan yet." />);
    expect(screen.getByText("No scan yet.")).toBeInTheDocument();
    rerender(<Table error="It broke." />);
    expect(screen.getByText("It broke.")).toBeInTheDocument();
    expect(screen.getAllByRole("gridcell")).toHaveLength(1);
  });

  it("hides a column on request, never one that must stay", async () => {
    const user = userEvent.setup();
    render(<Table />);
    await user.click(screen.getByRole("button", { name: "Columns" }));
    expect(screen.queryByRole("checkbox", { name: "Id" })).toBeNull();
    await user.click(await screen.findByRole("checkbox", { name: "Value" }));
    expect(screen.queryByRole("columnheader", { name: "Value" })).toBeNull();
  });

  it("hands the loaded rows out as CSV and as JSON, in the order shown", async () => {
    const user = userEvent.setup();
    const files: Blob[] = [];
    URL.createObjectURL = (blob) => `blob:${files.push(blob as Blob)}`;
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
      names.push(this.download);
    });
    render(<Table rows={ROWS.slice(0, 2)} order={{ column: "id", descending: true }} onOrderChange={vi.fn()} csvName="numbers.csv" />);
    await user.click(screen.getByRole("button", { name: "CSV" }));
    await user.click(screen.getByRole("button", { name: "JSON" }));
    expect(names).toEqual(["numbers.csv", "numbers.json"]);
    expect(await textOf(files[0]!)).toBe("id,value\r\n1,7919\r\n0,\r\n");
    expect(JSON.parse(String(await textOf(files[1]!)))).toEqual([
      { id: 1, value: 7919 },
      { id: 0, value: null },
    ]);
  });

  it("leaves JSON to the server's API where the server writes the CSV", () => {
    render(<Table onExport={vi.fn()} csvName="numbers.csv" />);
    expect(screen.getByRole("button", { name: "CSV" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "JSON" })).toBeNull();
  });
});
