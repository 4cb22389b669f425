/** The figures of a combination: what they are called, and how they are written. */
import type { CombinationRow } from "@/lib/api";
import { formatCount, formatNumber, formatPercent, formatSigned } from "@/lib/format";

export type MetricName = Exclude<keyof CombinationRow, "number" | "parameters">;

interface Metric {
  readonly label: string;
  readonly explain: string;
  /** Whether zero parts good from bad; otherwise the colour runs from least to most. */
  readonly signed: boolean;
  readonly show: (value: number | null | undefined) => string;
}

const percent = (value: number | null | undefined) => (value === null || value === undefined ? "–" : `${formatSigned(value * 100, 1)} %`);
const share = (value: number | null | undefined) => formatPercent(value, 1);

export const METRICS: Readonly<Record<MetricName, Metric>> = {
  sharpe_ratio: { label: "Sharpe ratio", explain: "Mean over deviation of returns, a year, costs paid.", signed: true, show: (value) => formatSigned(value) },
  plateau: { label: "Plateau", explain: "Mean Sharpe ratio of it and its neighbours: a peak that stands alone scores low.", signed: true, show: (value) => formatSigned(value) },
  probability: {
    label: "Above zero",
    explain: "Probability that its true Sharpe ratio is above zero, had it been the only one tried.",
    signed: false,
    show: (value) => formatPercent(value),
  },
  total_return: { label: "Return", explain: "What the account gained in all, costs paid.", signed: true, show: percent },
  annual_return: { label: "Return a year", explain: "The growth a year that would give the same.", signed: true, show: percent },
  volatility: { label: "Volatility", explain: "Deviation of returns, a year.", signed: false, show: share },
  sortino_ratio: { label: "Sortino ratio", explain: "Mean over downside deviation, a year.", signed: true, show: (value) => formatSigned(value) },
  calmar_ratio: { label: "Calmar ratio", explain: "Return a year over the deepest drawdown.", signed: true, show: (value) => formatSigned(value) },
  maximum_drawdown: { label: "Drawdown", explain: "The deepest fall below an earlier high.", signed: false, show: share },
  n_trades: { label: "Trades", explain: "Round trips.", signed: false, show: formatCount },
  win_rate: { label: "Won", explain: "Share of trades that gained.", signed: false, show: (value) => formatPercent(value) },
  profit_factor: { label: "Profit factor", explain: "Gains over losses.", signed: false, show: (value) => formatNumber(value) },
  expectancy: { label: "A trade", explain: "Mean gain of a trade, money.", signed: true, show: (value) => formatSigned(value, 0) },
  holding_time: { label: "Held", explain: "Mean bars in a trade.", signed: false, show: (value) => formatNumber(value, 1) },
  exposure: { label: "Exposure", explain: "Share of bars in a trade.", signed: false, show: (value) => formatPercent(value) },
  costs: { label: "Costs", explain: "Everything paid, money.", signed: false, show: (value) => formatCount(value) },
};

/** What a surface may show. */
export const SURFACE_METRICS = [
  "sharpe_ratio", "total_return", "annual_return", "sortino_ratio", "calmar_ratio", "maximum_drawdown", "n_trades",
  "win_rate", "exposure", "costs",
] as const satisfies readonly MetricName[]; // prettier-ignore

export const metricOf = (name: string | undefined): MetricName =>
  SURFACE_METRICS.find((each) => each === name) ?? "sharpe_ratio";
