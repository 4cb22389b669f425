import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import ChartCanvas from "./ChartCanvas";
import type { ChartMarks } from "./marks";
import type { IndexRange } from "./shaping";

const drawn = vi.hoisted(() => ({ windows: [] as IndexRange[] }));

// jsdom has no canvas: what matters here is which bars the chart is asked to show.
vi.mock("./linkedChart", () => ({
  LinkedChart: class {
    setStack = vi.fn();
    setPalette = vi.fn();
    setMarks = vi.fn();
    destroy = vi.fn();
    window = () => drawn.windows.at(-1) ?? { first: 0, last: 99 };
    setWindow = (window: IndexRange) => void drawn.windows.push(window);
  },
}));

const stack = { timestamps: Array.from({ length: 100 }, (_, day) => new Date(86_400_000 * day).toISOString()), panes: [], inSample: [] };
const asked = { first: 10, last: 29 };
const onWindow = vi.fn();

const canvas = (marks: ChartMarks) => <ChartCanvas label="Equity" stack={stack} window={asked} onWindow={onWindow} marks={marks} ref={null} />;
const chosen = (name: number, span: IndexRange | null): ChartMarks => ({ markers: [], chosen: name, span });

describe("the bars on screen", () => {
  beforeEach(() => {
    drawn.windows.length = 0;
    onWindow.mockClear();
  });

  it("are those of the address, whatever it says is chosen", () => {
    const { rerender } = render(canvas(chosen(2, { first: 60, last: 69 })), { wrapper: MantineProvider });
    expect(drawn.windows).toEqual([asked]);
    rerender(canvas(chosen(3, { first: 70, last: 74 })));
    expect(drawn.windows.at(-1)).toEqual({ first: 55, last: 74 });
    expect(onWindow).toHaveBeenCalledExactlyOnceWith({ first: 55, last: 74 });
  });

  it("stay where the chosen bars become known only later, as a reload's do", () => {
    const { rerender } = render(canvas(chosen(2, null)), { wrapper: MantineProvider });
    rerender(canvas(chosen(2, { first: 60, last: 69 })));
    expect(drawn.windows).toEqual([asked]);
  });

  it("move to what is chosen by hand, and back to it when it was let go", () => {
    const { rerender } = render(canvas({ markers: [] }), { wrapper: MantineProvider });
    rerender(canvas(chosen(2, { first: 60, last: 69 })));
    expect(drawn.windows.at(-1)).toEqual({ first: 50, last: 69 });
    rerender(canvas({ markers: [] }));
    drawn.windows.push(asked);
    rerender(canvas(chosen(2, { first: 60, last: 69 })));
    expect(drawn.windows.at(-1)).toEqual({ first: 50, last: 69 });
  });
});
