import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, type ReactNode } from "react";

import { SkeletonBlock } from "@/components/feedback";
import { download } from "@/components/table";
import { useTokens } from "@/theme/useTokens";

import type { ChartHandle } from "./ChartCanvas";
import styles from "./charts.module.css";
import type { ChartMarks } from "./marks";
import type { PaneStack } from "./panes";
import { composePicture, toPng } from "./png";
import { SeriesTable } from "./SeriesTable";
import { barsBetween, isoDate, moveWindow, toSeconds, type IndexRange } from "./shaping";

const ChartCanvas = lazy(() => import("./ChartCanvas"));

export interface VisibleRange {
  readonly from?: string;
  readonly to?: string;
}

interface Props {
  readonly title: string;
  readonly stack: PaneStack;
  readonly range: VisibleRange;
  readonly onRange: (range: VisibleRange) => void;
  readonly tableShown: boolean;
  readonly onTable: (shown: boolean) => void;
  /** File name without its ending. */
  readonly fileName: string;
  readonly marks?: ChartMarks;
  /** A bar was clicked, or Enter pressed on it; the marker under the pointer, if any. */
  readonly onPick?: (index: number, marker: string | null) => void;
  /** Further controls of the toolbar. */
  readonly children?: ReactNode;
}

const SETTLE_MS = 350;
const YEARS = [1, 3, 5];

/** Linked charts with their toolbar and the table of their numbers. */
export function LinkedPanes(props: Props) {
  const { title, stack, range, onRange, tableShown, onTable, fileName } = props;
  const { chart: palette } = useTokens();
  const handle = useRef<ChartHandle>(null);
  const seconds = useMemo(() => toSeconds(stack.timestamps), [stack.timestamps]);
  const window_ = useMemo(() => barsBetween(seconds, range.from, range.to), [seconds, range.from, range.to]);
  const settle = useSettledRange(seconds, onRange);

  const move = (change: (window: IndexRange) => IndexRange) => {
    const chart = handle.current;
    if (!chart) return;
    const next = change(chart.window());
    chart.setWindow(next);
    settle(next);
  };
  const lastYears = (years: number) => {
    const last = seconds.length - 1;
    const end = new Date((seconds[last] ?? 0) * 1000);
    end.setUTCFullYear(end.getUTCFullYear() - years);
    const first = seconds.findIndex((time) => time * 1000 > end.getTime());
    move(() => ({ first: Math.max(0, first), last }));
  };
  const savePicture = async () => {
    const shot = handle.current?.screenshot();
    if (!shot) return;
    const ratio = globalThis.devicePixelRatio;
    download(await toPng(composePicture({ ...shot, title, panes: stack.panes, palette }, ratio)), `${fileName}.png`);
  };
  const quarter = (window: IndexRange) => Math.max(1, Math.round((window.last - window.first) / 4));
  const nBars = seconds.length;

  return (
    <section className={styles.panes} aria-label={title}>
      <div className={styles.toolbar}>
        {props.children}
        <span className={styles.spring} />
        <Group gap={4} role="group" aria-label="Visible range">
          {YEARS.map((years) => (
            <Button key={years} variant="default" onClick={() => lastYears(years)}>
              {years}y
            </Button>
          ))}
          <Button variant="default" onClick={() => move(() => ({ first: 0, last: nBars - 1 }))}>
            All
          </Button>
        </Group>
        <Group gap={4} role="group" aria-label="Move and zoom">
          <Step label="Earlier" sign="◂" onClick={() => move((w) => moveWindow(w, nBars, { shift: -quarter(w) }))} />
          <Step label="Later" sign="▸" onClick={() => move((w) => moveWindow(w, nBars, { shift: quarter(w) }))} />
          <Step label="Zoom in" sign="+" onClick={() => move((w) => moveWindow(w, nBars, { zoom: 0.6 }))} />
          <Step label="Zoom out" sign="−" onClick={() => move((w) => moveWindow(w, nBars, { zoom: 1.6 }))} />
        </Group>
        <Button variant="default" onClick={savePicture}>
          PNG
        </Button>
        <Button variant="default" aria-pressed={tableShown} onClick={() => onTable(!tableShown)}>
          {tableShown ? "Hide table" : "Table"}
        </Button>
      </div>
      <div className={tableShown ? styles.withTable : styles.alone}>
        <Suspense fallback={<SkeletonBlock height="100%" label="Loading the charts" />}>
          <ChartCanvas ref={handle} label={title} stack={stack} window={window_} onWindow={settle} marks={props.marks} onPick={props.onPick} />
        </Suspense>
        {tableShown ? <SeriesTable stack={stack} window={window_} title={title} fileName={fileName} /> : null}
      </div>
    </section>
  );
}

function Step({ label, sign, onClick }: { readonly label: string; readonly sign: string; readonly onClick: () => void }) {
  return (
    <Button variant="default" px={8} aria-label={label} title={label} onClick={onClick}>
      {sign}
    </Button>
  );
}

/** Reports a window as days once it has come to rest; all bars need no range in the address. */
function useSettledRange(seconds: readonly number[], onRange: (range: VisibleRange) => void) {
  const timer = useRef(0);
  useEffect(() => () => globalThis.clearTimeout(timer.current), [seconds]);
  return useCallback(
    ({ first, last }: IndexRange) => {
      globalThis.clearTimeout(timer.current);
      timer.current = globalThis.setTimeout(() => {
        const day = (index: number) => isoDate(seconds[index] ?? 0);
        onRange({
          from: first <= 0 ? undefined : day(first),
          to: last >= seconds.length - 1 ? undefined : day(last),
        });
      }, SETTLE_MS);
    },
    [seconds, onRange],
  );
}
