import { createSeriesMarkers, type ISeriesMarkersPluginApi, type SeriesMarker, type Time, type UTCTimestamp } from "lightweight-charts";

import type { ChartTokens } from "@/theme/tokens";

import { colorOf, type LineColor } from "./panes";
import type { IndexRange } from "./shaping";

/** A sign at a bar of a line: an entry, an exit, a signal. */
export interface ChartMarker {
  /** Comes back when it is clicked. */
  readonly id: string;
  readonly index: number;
  /** Id of the line it stands at. */
  readonly line: string;
  readonly shape: "up" | "down" | "dot" | "square";
  readonly place: "above" | "below" | "on";
  readonly color: LineColor;
  /** Drawn larger: the one chosen. */
  readonly strong?: boolean;
}

export interface ChartMarks {
  /** In the order of their bars. */
  readonly markers: readonly ChartMarker[];
  /** Bars tinted through all panes: what is chosen. */
  readonly span?: IndexRange | null;
  /** Names what is chosen, also while its bars are not known yet. Choosing another brings its bars on screen. */
  readonly chosen?: string | number | null | undefined;
}

const SHAPES = { up: "arrowUp", down: "arrowDown", dot: "circle", square: "square" } as const;
const PLACES = { above: "aboveBar", below: "belowBar", on: "inBar" } as const;

type Series = Parameters<typeof createSeriesMarkers<Time>>[0];

/** The markers of the lines of one chart. */
export class LineMarkers {
  private plugins: ISeriesMarkersPluginApi<Time>[] = [];

  /** Forgets the lines that were: they are gone from the chart, and their markers with them. */
  forget(): void {
    this.plugins = [];
  }

  draw(
    lines: readonly { readonly spec: { readonly id: string }; readonly series: Series }[],
    seconds: readonly number[],
    markers: readonly ChartMarker[],
    palette: ChartTokens,
  ): void {
    if (this.plugins.length === 0 && markers.length === 0) return;
    if (this.plugins.length === 0) this.plugins = lines.map(({ series }) => createSeriesMarkers(series, []));
    lines.forEach(({ spec }, place) => {
      const own = markers.filter(({ line }) => line === spec.id);
      const plugin = this.plugins[place];
      if (own.length > 0 || (plugin?.markers().length ?? 0) > 0) plugin?.setMarkers(own.flatMap((marker) => drawn(marker, seconds, palette)));
    });
  }
}

function drawn(marker: ChartMarker, seconds: readonly number[], palette: ChartTokens): SeriesMarker<Time>[] {
  const time = seconds[marker.index];
  if (time === undefined) return [];
  return [
    {
      id: marker.id,
      time: time as UTCTimestamp,
      shape: SHAPES[marker.shape],
      position: PLACES[marker.place],
      color: colorOf(palette, marker.color),
      size: marker.strong ? 1.5 : 0.6,
    },
  ];
}
