/**
 * Every colour, size and typeface of the application, charts included. Nothing else in the source names a colour.
 *
 * Neutral greys, one accent for what can be acted on, and a blue/orange pair for sign which people with any of the
 * usual colour deficiencies tell apart. Sign is never told by colour alone: numbers keep their + and −.
 */

export type Scheme = "light" | "dark";

export interface ChartTokens {
  /** Canvas behind the drawing. */
  background: string;
  grid: string;
  axis: string;
  text: string;
  crosshair: string;
  /** First and second leg of a pair, in that order. */
  leg1: string;
  leg2: string;
  spread: string;
  zScore: string;
  mean: string;
  /** ±1σ, ±2σ lines, and the fill between them. */
  band: string;
  bandFill: string;
  /** Shading of the part of the history the fit has seen. */
  inSample: string;
  positive: string;
  negative: string;
  sparkline: string;
  /** Bars that are there, in the map of coverage. */
  coverage: string;
  /** Further series, in the order to use them. */
  series: readonly string[];
}

export interface Tokens {
  page: string;
  surface: string;
  /** Header rows, hovered rows, fields. */
  sunken: string;
  hover: string;
  selected: string;
  /** Hairlines between things. */
  line: string;
  /** Borders of controls: at least 3:1 against the page. */
  control: string;
  /** Borders of buttons, which their words already mark. */
  button: string;
  text: string;
  muted: string;
  accent: string;
  accentHover: string;
  accentText: string;
  focus: string;
  positive: string;
  negative: string;
  warning: string;
  warningSurface: string;
  danger: string;
  dangerSurface: string;
  chart: ChartTokens;
}

const light: Tokens = {
  page: "#fbfbfa",
  surface: "#ffffff",
  sunken: "#f3f3f1",
  hover: "#efefec",
  selected: "#e1efec",
  line: "#dfdfdb",
  control: "#8b8b85",
  button: "#c4c4be",
  text: "#1b1b19",
  muted: "#5b5b56",
  accent: "#0b6b62",
  accentHover: "#08564f",
  accentText: "#ffffff",
  focus: "#0b6b62",
  positive: "#1d64a8",
  negative: "#a85208",
  warning: "#7a5200",
  warningSurface: "#fbf3dc",
  danger: "#a3261f",
  dangerSurface: "#fbeceb",
  chart: {
    background: "#fbfbfa",
    grid: "#ececea",
    axis: "#b9b9b4",
    text: "#5b5b56",
    crosshair: "#77776f",
    leg1: "#1b1b19",
    leg2: "#0b7d72",
    spread: "#33332f",
    zScore: "#33332f",
    mean: "#77776f",
    band: "#a5a59e",
    bandFill: "rgba(27, 27, 25, 0.05)",
    inSample: "rgba(11, 107, 98, 0.07)",
    positive: "#1d64a8",
    negative: "#a85208",
    sparkline: "#55554f",
    coverage: "#869692",
    series: ["#1b1b19", "#0b7d72", "#1d64a8", "#a85208", "#8a4d8f", "#7d6a00", "#b03060", "#6d6d67"],
  },
};

const dark: Tokens = {
  page: "#161615",
  surface: "#1c1c1b",
  sunken: "#222220",
  hover: "#272725",
  selected: "#1d3431",
  line: "#333330",
  control: "#7d7d76",
  button: "#4b4b47",
  text: "#e8e8e4",
  muted: "#a6a69f",
  accent: "#5fc4b7",
  accentHover: "#7dd3c8",
  accentText: "#0e1c1a",
  focus: "#5fc4b7",
  positive: "#74b4ec",
  negative: "#eda25c",
  warning: "#e2bd62",
  warningSurface: "#2e2817",
  danger: "#f0918a",
  dangerSurface: "#35201e",
  chart: {
    background: "#161615",
    grid: "#262624",
    axis: "#4b4b47",
    text: "#a6a69f",
    crosshair: "#8c8c85",
    leg1: "#e8e8e4",
    leg2: "#5fc4b7",
    spread: "#d3d3ce",
    zScore: "#d3d3ce",
    mean: "#8c8c85",
    band: "#62625c",
    bandFill: "rgba(232, 232, 228, 0.05)",
    inSample: "rgba(95, 196, 183, 0.08)",
    positive: "#74b4ec",
    negative: "#eda25c",
    sparkline: "#b5b5ae",
    coverage: "#6d7d79",
    series: ["#e8e8e4", "#5fc4b7", "#74b4ec", "#eda25c", "#cf9ad4", "#d6c25a", "#f07fa6", "#98988f"],
  },
};

/** Greys from light to dark, for the parts of the component library that ask for a scale. */
export const greys = {
  light: [
    "#f7f7f5",
    "#f3f3f1",
    "#e9e9e6",
    "#dfdfdb",
    "#c9c9c4",
    "#a5a59e",
    "#8b8b85",
    "#5b5b56",
    "#3d3d39",
    "#1b1b19",
  ],
  dark: [
    "#e8e8e4",
    "#c9c9c4",
    "#a6a69f",
    "#7d7d76",
    "#44443f",
    "#2b2b28",
    "#1c1c1b",
    "#161615",
    "#111110",
    "#0c0c0b",
  ],
} as const;

/** Steps of the accent, likewise. */
export const accents = [
  "#e9f5f3",
  "#d3eae6",
  "#a6d5cd",
  "#7fc9be",
  "#5fc4b7",
  "#35a093",
  "#178779",
  "#0b6b62",
  "#085850",
  "#05443e",
] as const;

export const schemes: Record<Scheme, Tokens> = { light, dark };

export const fonts = {
  text: '"Inter Variable", system-ui, sans-serif',
  mono: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace',
} as const;

/** Pixels, on a grid of four. */
export const sizes = {
  grid: 4,
  /** Text of tables, and of nearly everything. */
  dense: 13,
  small: 12,
  heading: 18,
  rowHeight: 28,
  headerHeight: 44,
  navWidth: 168,
  /** Smallest pointer target (WCAG 2.2, 2.5.8). */
  target: 24,
  chartFont: 11,
} as const;
