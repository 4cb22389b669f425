export { LinkedPanes, type VisibleRange } from "./LinkedPanes";
export type { LineColor, Pane, PaneLevel, PaneLine, PaneStack } from "./panes";
export { band, firstCommonBar, isoDate, rebase, toSeconds, type Values } from "./shaping";
