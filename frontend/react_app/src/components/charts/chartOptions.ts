/** How the library is set up: what no data changes, and what the theme does. */
import {
  CrosshairMode,
  LineStyle,
  PriceScaleMode,
  TickMarkType,
  type ChartOptions,
  type DeepPartial,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";

import { fonts, sizes, type ChartTokens } from "@/theme/tokens";

import { colorOf, type Pane, type PaneLevel, type PaneLine } from "./panes";

/** A line's colour; one with an area is tinted down from zero. */
export function lineColors(spec: PaneLine, palette: ChartTokens) {
  const color = colorOf(palette, spec.color);
  if (!spec.area) return { color };
  const clear = "transparent";
  return {
    topLineColor: color,
    bottomLineColor: color,
    topFillColor1: clear,
    topFillColor2: clear,
    bottomFillColor1: palette.inSample,
    bottomFillColor2: palette.inSample,
  };
}

export function scaleMode(pane: Pane): PriceScaleMode {
  return pane.logarithmic ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "2019", "Jun", "3 Jun": a day never stands without its month. */
function tickWords(time: Time, kind: TickMarkType): string {
  const date = new Date((time as UTCTimestamp) * 1000);
  const month = MONTHS[date.getUTCMonth()] ?? "";
  if (kind === TickMarkType.Year) return String(date.getUTCFullYear());
  return kind === TickMarkType.Month ? month : `${date.getUTCDate()} ${month}`;
}

/** What no theme and no data changes. */
export function fixedOptions() {
  return {
    // The library's own mark comes with a style element that the page's policy refuses; ChartCanvas links to its makers.
    layout: { fontFamily: fonts.text, fontSize: sizes.chartFont, attributionLogo: false },
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { minimumWidth: 64, entireTextOnly: true },
    leftPriceScale: { entireTextOnly: true },
    timeScale: { fixLeftEdge: true, fixRightEdge: true, minBarSpacing: 0.01, rightOffset: 0, tickMarkFormatter: tickWords },
    handleScale: { axisPressedMouseMove: { time: true, price: false } },
    localization: { locale: "en-GB", dateFormat: "yyyy-MM-dd" },
  } as const;
}

/** The frame in the theme's colours. */
export function frameColors({ background, text, grid, axis, crosshair }: ChartTokens): DeepPartial<ChartOptions> {
  const cross = { color: crosshair, labelBackgroundColor: crosshair };
  return {
    layout: {
      background: { color: background },
      textColor: text,
      panes: { separatorColor: axis, separatorHoverColor: grid },
    },
    grid: { vertLines: { color: grid }, horzLines: { color: grid } },
    crosshair: { vertLine: cross, horzLine: cross },
    timeScale: { borderColor: axis },
    leftPriceScale: { borderColor: axis },
    rightPriceScale: { borderColor: axis },
  };
}

/** A line as its pane draws it, colours apart. */
export function lineOptions(spec: PaneLine) {
  return {
    lineWidth: spec.width ?? 1,
    lineStyle: spec.dashed ? LineStyle.Dashed : LineStyle.Solid,
    priceScaleId: spec.scale ?? "right",
    priceLineVisible: false,
    lastValueVisible: spec.read !== false && (!spec.dashed || spec.tag !== undefined),
    title: spec.tag ?? "",
    crosshairMarkerVisible: spec.read !== false,
    crosshairMarkerRadius: 3,
  } as const;
}

/** A line at a fixed value. */
export function levelOptions({ value, label }: PaneLevel, palette: ChartTokens) {
  return {
    price: value,
    title: label,
    lineWidth: 1,
    lineStyle: value === 0 ? LineStyle.Solid : LineStyle.Dashed,
    axisLabelVisible: false,
    color: levelColor(value, palette),
  } as const;
}

export function levelColor(value: number, palette: ChartTokens): string {
  return value === 0 ? palette.mean : palette.band;
}

/** What a pane's readout covers of it, in pixels: the lines keep below. */
const READOUT = 26;

/** Room above and below the lines of a pane so high. */
export function paneMargins(height: number): { top: number; bottom: number } {
  return { top: Math.min(0.4, Math.max(0.1, READOUT / Math.max(1, height))), bottom: 0.06 };
}
