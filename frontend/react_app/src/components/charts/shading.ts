import type { IChartApi, IPanePrimitive, IPanePrimitivePaneView, Logical, PaneAttachedParameter } from "lightweight-charts";

import type { IndexRange } from "./shaping";

type DrawTarget = Parameters<NonNullable<ReturnType<IPanePrimitivePaneView["renderer"]>>["draw"]>[0];

/** Shades runs of bars from top to bottom of a pane: the part of the history that the fit has seen. */
export class RunShading implements IPanePrimitive {
  private chart: Pick<IChartApi, "timeScale"> | null = null;
  private requestUpdate: (() => void) | null = null;
  private runs: readonly IndexRange[] = [];
  private color = "transparent";
  private readonly views: readonly IPanePrimitivePaneView[] = [
    { zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.draw(target) }) },
  ];

  attached({ chart, requestUpdate }: PaneAttachedParameter): void {
    this.chart = chart;
    this.requestUpdate = requestUpdate;
  }

  detached(): void {
    this.chart = null;
    this.requestUpdate = null;
  }

  paneViews(): readonly IPanePrimitivePaneView[] {
    return this.views;
  }

  setRuns(runs: readonly IndexRange[]): void {
    this.runs = runs;
    this.requestUpdate?.();
  }

  setColor(color: string): void {
    this.color = color;
    this.requestUpdate?.();
  }

  private draw(target: DrawTarget): void {
    const scale = this.chart?.timeScale();
    if (!scale) return;
    target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio }) => {
      context.fillStyle = this.color;
      for (const { first, last } of this.runs) {
        const left = scale.logicalToCoordinate(first as Logical);
        const right = scale.logicalToCoordinate(last as Logical);
        if (left === null || right === null) continue;
        // Half a bar to either side, so that neighbouring runs meet.
        const half = (right - left) / Math.max(1, last - first) / 2;
        const from = Math.max(0, (left - half) * horizontalPixelRatio);
        const to = Math.min(bitmapSize.width, (right + half) * horizontalPixelRatio);
        if (to > from) context.fillRect(from, 0, to - from, bitmapSize.height);
      }
    });
  }
}
