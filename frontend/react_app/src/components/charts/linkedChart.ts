import {
  BaselineSeries,
  createChart,
  LineSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type MouseEventParams,
  type UTCTimestamp,
} from "lightweight-charts";

import type { ChartTokens } from "@/theme/tokens";

import { fixedOptions, frameColors, levelColor, levelOptions, lineColors, lineOptions, paneMargins, scaleMode } from "./chartOptions";
import { LineMarkers, type ChartMarks } from "./marks";
import type { Pane, PaneLevel, PaneLine, PaneStack } from "./panes";
import { RunShading } from "./shading";
import { runs, sameValues, toLine, toSeconds, type IndexRange } from "./shaping";

type Series = ISeriesApi<"Line"> | ISeriesApi<"Baseline">;

interface DrawnLine {
  readonly spec: PaneLine;
  readonly series: Series;
  readonly levels: readonly IPriceLine[];
  /** Whether the series holds the values of `spec`. */
  readonly filled: boolean;
}

export interface LinkedChartEvents {
  /** The pointer (or the keyboard) is at this bar; null when it left. */
  readonly onBar: (index: number | null) => void;
  /** The visible bars changed by hand. */
  readonly onWindow: (window: IndexRange) => void;
  /** A bar was clicked, and perhaps a marker on it. */
  readonly onPick: (index: number, marker: string | null) => void;
  /** Panes moved: what stands over them must follow. */
  readonly onLayout: (tops: readonly number[]) => void;
}

/** The stack of panes on a canvas: one chart, one time axis, one crosshair. Owns every call to lightweight-charts. */
export class LinkedChart {
  private readonly chart: IChartApi;
  private readonly observer: ResizeObserver;
  private lines: DrawnLine[] = [];
  private shadings: RunShading[] = [];
  private spans: RunShading[] = [];
  private readonly markers = new LineMarkers();
  private marks: ChartMarks = { markers: [] };
  private seconds: number[] = [];
  private reported: readonly number[] = [];
  private shape = "";
  private palette: ChartTokens;
  private asked: IndexRange | null = null;
  private touchedAt = -Infinity;

  constructor(
    private readonly container: HTMLElement,
    palette: ChartTokens,
    private readonly events: LinkedChartEvents,
  ) {
    this.palette = palette;
    this.chart = createChart(container, { autoSize: true, ...fixedOptions() });
    this.observer = new ResizeObserver(() => this.onResize());
    for (const kind of TOUCHES) container.addEventListener(kind, this.onTouch, LISTEN);
    this.chart.subscribeCrosshairMove(this.onCrosshair);
    this.chart.subscribeClick(this.onClick);
    this.chart.timeScale().subscribeVisibleLogicalRangeChange(this.onRange);
    this.applyPalette();
  }

  destroy(): void {
    this.observer.disconnect();
    for (const kind of TOUCHES) this.container.removeEventListener(kind, this.onTouch, LISTEN);
    this.chart.remove();
  }

  /** Shows other data. Series are made anew only when there are other lines, and only what differs is drawn again. */
  setStack(stack: PaneStack): void {
    const shape = JSON.stringify(stack.panes.map((pane) => [pane.id, pane.lines.map((line) => [line.id, line.scale])]));
    const seconds = toSeconds(stack.timestamps);
    const sameBars = sameValues(seconds, this.seconds);
    this.seconds = seconds;
    const rebuilt = shape !== this.shape;
    if (rebuilt) {
      this.rebuild(stack.panes);
      this.shape = shape;
    }
    const specs = stack.panes.flatMap((pane) => pane.lines.map((line) => ({ line, pane })));
    this.lines = this.lines.map((drawn, index) => {
      const { line, pane } = specs[index] ?? {};
      if (!line || !pane) throw new Error("the panes and their series went out of step");
      const levels = pane.lines[0] === line ? this.drawLevels(drawn, pane) : drawn.levels;
      if (!drawn.filled || !sameBars || !sameValues(line.values, drawn.spec.values)) this.fill(drawn.series, line);
      return { spec: line, series: drawn.series, levels, filled: true };
    });
    // All of it seen is said in words; tinting everything would say nothing.
    const shaded = stack.inSample.every(Boolean) ? [] : runs(stack.inSample);
    for (const shading of this.shadings) shading.setRuns(shaded);
    if (rebuilt) this.applyPalette();
    if (rebuilt || !sameBars) this.setMarks(this.marks);
    if (rebuilt) requestAnimationFrame(() => this.reportLayout());
  }

  setPalette(palette: ChartTokens): void {
    this.palette = palette;
    this.applyPalette();
    this.setMarks(this.marks);
  }

  /** Signs on the lines, and the bars that are chosen. */
  setMarks(marks: ChartMarks): void {
    this.marks = marks;
    this.markers.draw(this.lines, this.seconds, marks.markers, this.palette);
    for (const span of this.spans) span.setRuns(marks.span ? [marks.span] : []);
  }

  /** Bars on screen. */
  window(): IndexRange {
    if (this.asked) return this.asked;
    const range = this.chart.timeScale().getVisibleLogicalRange();
    const last = Math.max(0, this.seconds.length - 1);
    if (range === null) return { first: 0, last };
    return {
      first: Math.min(last, Math.max(0, Math.round(range.from))),
      last: Math.max(0, Math.min(last, Math.round(range.to))),
    };
  }

  setWindow(window: IndexRange): void {
    this.asked = window;
    this.chart.timeScale().setVisibleLogicalRange({ from: window.first - 0.5, to: window.last + 0.5 });
  }

  /** Puts the crosshair on a bar, as the pointer would; null takes it away. */
  showBar(index: number | null): void {
    const time = index === null ? undefined : this.seconds[index];
    const line = this.lines.find(({ spec }) => index !== null && typeof spec.values[index] === "number");
    const value = index === null ? null : line?.spec.values[index];
    if (time === undefined || line === undefined || value === null || value === undefined) this.chart.clearCrosshairPosition();
    else this.chart.setCrosshairPosition(value, time as UTCTimestamp, line.series);
    this.events.onBar(index);
  }

  /** The canvases as one picture, without the crosshair. */
  screenshot(): HTMLCanvasElement {
    return this.chart.takeScreenshot(true, false);
  }

  /** Distance of each pane's top from the chart's, in pixels. */
  tops(): number[] {
    const origin = this.chart.chartElement().getBoundingClientRect().top;
    return this.chart.panes().map((pane) => (pane.getHTMLElement()?.getBoundingClientRect().top ?? origin) - origin);
  }

  private rebuild(panes: readonly Pane[]): void {
    for (const { series } of this.lines) this.chart.removeSeries(series);
    while (this.chart.panes().length > 1) this.chart.removePane(this.chart.panes().length - 1);
    this.observer.disconnect();
    this.shadings = [];
    this.spans = [];
    this.markers.forget();
    this.lines = panes.flatMap((pane, index) => pane.lines.map((spec) => this.addLine(spec, index)));
    panes.forEach((pane, index) => {
      const drawn = this.chart.panes()[index];
      if (!drawn) return;
      drawn.setStretchFactor(pane.stretch);
      const shading = new RunShading();
      drawn.attachPrimitive(shading);
      this.shadings.push(shading);
      const span = new RunShading();
      drawn.attachPrimitive(span);
      this.spans.push(span);
      const element = drawn.getHTMLElement();
      if (element) this.observer.observe(element);
      for (const id of ["left", "right"]) drawn.priceScale(id).applyOptions({ mode: scaleMode(pane) });
    });
    // One switch for all panes: a left axis in only some of them makes the library fail.
    const left = panes.some((pane) => pane.lines.some((line) => line.scale === "left"));
    this.chart.applyOptions({ leftPriceScale: { visible: left } });
  }

  private addLine(spec: PaneLine, pane: number): DrawnLine {
    const options = lineOptions(spec);
    const series = spec.area
      ? this.chart.addSeries(BaselineSeries, { ...options, baseValue: { type: "price", price: 0 } }, pane)
      : this.chart.addSeries(LineSeries, options, pane);
    return { spec, series, levels: [], filled: false };
  }

  private fill(series: Series, line: PaneLine): void {
    const one = series as ISeriesApi<"Line">;
    one.setData(toLine(this.seconds, line.values).map(({ time, ...rest }) => ({ time: time as UTCTimestamp, ...rest })));
    one.applyOptions({ priceFormat: { type: "custom", formatter: line.format, minMove: 1e-4 } });
  }

  /** The pane's levels on its first line: those there were, where they are the same. */
  private drawLevels({ series, levels }: DrawnLine, { levels: wanted = [] }: Pane): readonly IPriceLine[] {
    const same = levels.length === wanted.length && levels.every((level, at) => isLevel(level, wanted[at]));
    if (same) return levels;
    for (const level of levels) series.removePriceLine(level);
    return wanted.map((level) => series.createPriceLine(levelOptions(level, this.palette)));
  }

  private applyPalette(): void {
    this.chart.applyOptions(frameColors(this.palette));
    this.chart.panes().forEach((pane) => {
      for (const id of ["left", "right"]) pane.priceScale(id).applyOptions({ borderColor: this.palette.axis });
    });
    for (const { spec, series, levels } of this.lines) {
      series.applyOptions(lineColors(spec, this.palette));
      for (const level of levels) level.applyOptions({ color: levelColor(level.options().price, this.palette) });
    }
    for (const shading of this.shadings) shading.setColor(this.palette.inSample);
    for (const span of this.spans) span.setColor(this.palette.inSample);
  }

  /** Tells where the panes stand, and keeps their lines below what is written over them. */
  private reportLayout(): void {
    this.chart.panes().forEach((pane) => {
      const scaleMargins = paneMargins(pane.getHeight());
      for (const id of ["left", "right"]) pane.priceScale(id).applyOptions({ scaleMargins });
    });
    const tops = this.tops();
    if (sameValues(tops, this.reported)) return;
    this.reported = tops;
    this.events.onLayout(tops);
  }

  /** A window asked for before there was any width takes its place now. */
  private onResize(): void {
    this.reportLayout();
    if (this.asked) this.setWindow(this.asked);
  }

  private readonly onTouch = (event: Event): void => {
    if (event instanceof PointerEvent && event.type === "pointermove" && event.buttons === 0) return;
    this.touchedAt = event.timeStamp;
  };

  private readonly onCrosshair = (event: MouseEventParams): void => {
    // A call of ours carries no pointer; it has reported its bar itself.
    if (event.sourceEvent === undefined && event.point === undefined && event.logical !== undefined) return;
    const index = event.logical === undefined ? null : Math.round(event.logical);
    this.events.onBar(index !== null && index >= 0 && index < this.seconds.length ? index : null);
  };

  private readonly onClick = (event: MouseEventParams): void => {
    const index = event.logical === undefined ? -1 : Math.round(event.logical);
    if (index < 0 || index >= this.seconds.length) return;
    const marker = event.hoveredInfo?.objectId;
    this.events.onPick(index, typeof marker === "string" ? marker : null);
  };

  /** Only a hand's doing is reported: resizing and data move the range as well. */
  private readonly onRange = (): void => {
    if (performance.now() - this.touchedAt > AFTERGLOW_MS) return;
    this.asked = null;
    this.events.onWindow(this.window());
  };
}

const TOUCHES = ["wheel", "pointerdown", "pointermove", "touchmove"] as const;
/** On the way down: the chart's own handlers move the range before the event bubbles up here. */
const LISTEN = { passive: true, capture: true } as const;
/** A flick scrolls on for a while after the finger has left. */
const AFTERGLOW_MS = 1_500;

function isLevel(drawn: IPriceLine, wanted: PaneLevel | undefined): boolean {
  const { price, title } = drawn.options();
  return price === wanted?.value && title === wanted.label;
}
