export { LinkedPanes, type VisibleRange } from "./LinkedPanes";
export type { ChartMarker, ChartMarks } from "./marks";
export type { LineColor, Pane, PaneLevel, PaneLine, PaneStack } from "./panes";
export { band, firstCommonBar, isoDate, nearestBar, rebase, toSeconds, type Values } from "./shaping";
