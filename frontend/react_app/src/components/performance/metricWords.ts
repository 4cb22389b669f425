/** The figures of a run as people read them: number, error, sample, and what each one is. */
import { formatCount, formatNumber, formatPercent, formatSigned, plural } from "@/lib/format";

export type MetricUnit = "fraction" | "ratio" | "money" | "bars";

/** One figure as the server gives it. */
export interface Metric {
  readonly value: number | null;
  readonly standard_error: number | null;
  readonly n: number;
  readonly title: string;
  readonly unit: MetricUnit;
  readonly formula: string;
  readonly counts: "bars" | "trades";
}

/** In a sentence what a figure is; its formula comes from the server. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  total_return: "What the account gained from its first close to its last, all costs paid.",
  annual_return: "The growth a year that would give the same total.",
  volatility: "How far a year's return usually strays from its mean.",
  sharpe_ratio: "Return for each unit of risk: mean over deviation, a year.",
  adjusted_sharpe_ratio: "The Sharpe ratio where returns that follow one another are not counted as independent.",
  sortino_ratio: "As the Sharpe ratio, but only losses count as risk.",
  calmar_ratio: "Annual return for each unit of the deepest loss.",
  omega_ratio: "All gains over all losses, bar by bar; 1 is break-even.",
  maximum_drawdown: "The deepest fall below an earlier high.",
  drawdown_length: "The longest wait for a high to be reached again.",
  value_at_risk: "The loss of a bar that one bar in twenty reaches.",
  expected_shortfall: "The mean loss of the worst twentieth of bars.",
  market_beta: "How much the account moves with the benchmark; 0 is neutral.",
  exposure: "Share of bars with an open position.",
  gross_leverage: "Value of both legs over the account, on average.",
  turnover: "How often the account is traded over in a year.",
  n_trades: "Round trips that were closed.",
  win_rate: "Share of trades that earned money after costs.",
  profit_factor: "Money won over money lost, trade by trade; 1 is break-even.",
  expectancy: "What a trade earns on average, after costs.",
  cost_share: "Share of the gross profit that costs took.",
  capacity: "The capital at which one dollar more would earn nothing more.",
  holding_time: "Bars a trade is open, on average.",
  adverse_excursion: "How far a trade stood in the red at worst, on average.",
  favourable_excursion: "How far a trade stood in the black at best, on average.",
};

/** Titles short enough for a narrow column. */
const SHORT: Readonly<Record<string, string>> = {
  adjusted_sharpe_ratio: "Sharpe, autocorrelated",
  cost_share: "Costs / gross profit",
  value_at_risk: "Value at risk, 95 %",
  expected_shortfall: "Shortfall, 95 %",
  adverse_excursion: "Mean worst open P&L",
  favourable_excursion: "Mean best open P&L",
};

/** Which figures stand together, in reading order; what the server adds later comes last. */
const GROUPS: readonly { readonly title: string; readonly ids: readonly string[] }[] = [
  { title: "Return", ids: ["total_return", "annual_return", "volatility"] },
  { title: "Return for risk", ids: ["sharpe_ratio", "adjusted_sharpe_ratio", "sortino_ratio", "calmar_ratio", "omega_ratio"] },
  { title: "Loss", ids: ["maximum_drawdown", "drawdown_length", "value_at_risk", "expected_shortfall"] },
  { title: "Trades", ids: ["n_trades", "win_rate", "profit_factor", "expectancy", "holding_time", "adverse_excursion", "favourable_excursion"] },
  { title: "Market and size", ids: ["market_beta", "exposure", "gross_leverage", "turnover", "cost_share", "capacity"] },
];

export interface MetricLine {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** "± 0.31", or nothing where no error is known. */
  readonly error: string;
  readonly definition: string;
  readonly formula: string;
  readonly sample: string;
}

/** A figure by its unit: per cent with one decimal, money in whole units from 1,000 on. */
export function metricValue(value: number | null, unit: MetricUnit, id = ""): string {
  if (id === "n_trades") return formatCount(value);
  if (unit === "fraction") return formatPercent(value, 1);
  if (unit === "money") return formatNumber(value, value !== null && Math.abs(value) < 1000 ? 2 : 0);
  if (unit === "bars") return formatNumber(value, value !== null && value < 100 && !Number.isInteger(value) ? 1 : 0) + (value === null ? "" : " bars");
  return formatNumber(value, 2);
}

function errorWords({ standard_error: error, unit }: Metric): string {
  if (error === null || !Number.isFinite(error) || error === 0) return "";
  return `± ${unit === "fraction" ? formatNumber(error * 100, 1) : metricValue(error, unit).replace(" bars", "")}`;
}

function line(id: string, metric: Metric): MetricLine {
  return {
    id,
    label: SHORT[id] ?? metric.title,
    value: metricValue(metric.value, metric.unit, id),
    error: errorWords(metric),
    definition: DEFINITIONS[id] ?? metric.title,
    formula: metric.formula,
    sample: plural(metric.n, metric.counts === "trades" ? "trade" : "bar"),
  };
}

export interface MetricGroup {
  readonly title: string;
  readonly lines: readonly MetricLine[];
}

/** The figures in groups; a group nothing is known of is left out. */
export function metricGroups(metrics: Readonly<Record<string, Metric>>): readonly MetricGroup[] {
  const placed = new Set(GROUPS.flatMap(({ ids }) => ids));
  const others = Object.keys(metrics).filter((id) => !placed.has(id));
  return [...GROUPS, { title: "Further", ids: others }]
    .map(({ title, ids }) => ({
      title,
      lines: ids.flatMap((id) => {
        const metric = metrics[id];
        return metric ? [line(id, metric)] : [];
      }),
    }))
    .filter(({ lines }) => lines.length > 0);
}

/** "0.84 ± 0.31", the ratio with its error. */
export function ratioWords(estimate: { readonly value: number | null; readonly standard_error: number | null } | undefined): string {
  const value = formatSigned(estimate?.value, 2);
  const error = estimate?.standard_error;
  return error === null || error === undefined ? value : `${value} ± ${formatNumber(error, 2)}`;
}
