import { useCallback, useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from "react";

import { useTokens } from "@/theme/useTokens";

import styles from "./charts.module.css";
import { LinkedChart } from "./linkedChart";
import type { ChartMarks } from "./marks";
import type { PaneStack } from "./panes";
import { Readouts } from "./Readouts";
import type { IndexRange } from "./shaping";
import { useChartKeys, windowAround, type ChartMove } from "./useChartKeys";

/** What the toolbar may ask of the charts. */
export interface ChartHandle {
  readonly window: () => IndexRange;
  readonly setWindow: (window: IndexRange) => void;
  readonly screenshot: () => { readonly canvas: HTMLCanvasElement; readonly tops: readonly number[] } | null;
}

export interface ChartCanvasProps {
  readonly label: string;
  readonly stack: PaneStack;
  readonly window: IndexRange;
  readonly onWindow: (window: IndexRange) => void;
  readonly marks?: ChartMarks;
  /** A bar was clicked, or Enter pressed on it; the marker under the pointer, if any. */
  readonly onPick?: (index: number, marker: string | null) => void;
  readonly ref: Ref<ChartHandle>;
}

const NO_MARKS: ChartMarks = { markers: [] };

/** The canvas itself; loaded on demand, with the chart library. */
export default function ChartCanvas({ label, stack, window, onWindow, marks = NO_MARKS, onPick, ref }: ChartCanvasProps) {
  const { chart: palette } = useTokens();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<LinkedChart | null>(null);
  const [bar, setBar] = useState<number | null>(null);
  const [spoken, setSpoken] = useState(false);
  const [tops, setTops] = useState<readonly number[]>([]);
  const moved = useEffectEvent((next: IndexRange) => onWindow(next));
  const picked = useEffectEvent((index: number, marker: string | null) => onPick?.(index, marker));
  const firstPalette = useRef(palette);

  useEffect(() => {
    if (!box.current) return;
    const made = new LinkedChart(box.current, firstPalette.current, {
      onBar: setBar,
      onWindow: (next) => moved(next),
      onPick: (index, marker) => picked(index, marker),
      onLayout: setTops,
    });
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setStack(stack), [stack]);
  useEffect(() => chart.current?.setPalette(palette), [palette]);
  useEffect(() => chart.current?.setWindow(window), [stack, window]);
  useEffect(() => chart.current?.setMarks(marks), [marks]);
  const [first, last] = [marks.span?.first, marks.span?.last];
  const { chosen = null } = marks;
  // What was chosen on arrival stands in the address beside its range, and the range is kept.
  const shown = useRef(chosen);
  useEffect(() => {
    const drawn = chart.current;
    if (chosen === null) shown.current = null;
    if (!drawn || chosen === shown.current || first === undefined || last === undefined) return;
    // What is chosen comes on screen, from its first bar.
    shown.current = chosen;
    const { length } = stack.timestamps;
    const around = windowAround(windowAround(drawn.window(), last, length), first, length);
    if (around.first === drawn.window().first) return;
    drawn.setWindow(around);
    moved(around);
  }, [chosen, first, last, stack]);

  useImperativeHandle(
    ref,
    () => ({
      window: () => chart.current?.window() ?? { first: 0, last: 0 },
      setWindow: (next) => chart.current?.setWindow(next),
      screenshot: () =>
        chart.current === null ? null : { canvas: chart.current.screenshot(), tops: chart.current.tops() },
    }),
    [],
  );

  const nBars = stack.timestamps.length;
  const read = useCallback(
    () => ({ nBars, bar, window: chart.current?.window() ?? { first: 0, last: nBars - 1 } }),
    [nBars, bar],
  );
  const onMove = useCallback(
    (move: NonNullable<ChartMove>) => {
      const drawn = chart.current;
      if (!drawn) return;
      if (move.kind === "window") {
        drawn.setWindow(move.window);
        onWindow(move.window);
        return;
      }
      if (move.index !== null) {
        const around = windowAround(drawn.window(), move.index, nBars);
        drawn.setWindow(around);
        onWindow(around);
      }
      setSpoken(true);
      drawn.showBar(move.index);
    },
    [nBars, onWindow],
  );
  const onMoveKey = useChartKeys(read, onMove);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && bar !== null && event.target === event.currentTarget) onPick?.(bar, null);
    else onMoveKey(event);
  };

  return (
    // It answers keys as a slider does; its numbers are also in the table beside it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- "application" hands all keys to it
    <div
      className={styles.canvasFrame}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard's way to the crosshair, pan and zoom
      tabIndex={0}
      role="application"
      aria-roledescription="chart"
      aria-label={`${label}. Arrow keys read bar by bar, Page Up and Page Down pan, plus and minus zoom, 0 shows all${onPick ? ", Enter chooses what is at the bar" : ""}.`}
      onKeyDown={onKeyDown}
      onPointerMove={() => setSpoken(false)}
    >
      <div ref={box} className={styles.canvas} />
      <Readouts stack={stack} bar={bar ?? window.last} tops={tops} spoken={spoken} />
      <a
        className={styles.makers}
        href="https://www.tradingview.com/"
        target="_blank"
        rel="noreferrer"
        title="Drawn with TradingView Lightweight Charts™, © TradingView, Inc."
      >
        TradingView
      </a>
    </div>
  );
}
