/** An account bar by bar as the panes of its charts: equity over its drawdown, and what rolls beneath. */
import type { Pane, PaneStack, Values } from "@/components/charts";
import { formatNumber, formatPercent, formatSigned } from "@/lib/format";

export interface EquityColumns {
  readonly timestamps: readonly string[];
  readonly equity: Values;
  readonly drawdown: Values;
  readonly benchmark?: Values;
  readonly rolling_sharpe?: Values;
  readonly rolling_beta?: Values;
}

const money = (value: number | null | undefined) => formatNumber(value, 0);
const percent = (value: number | null | undefined) => (value === 0 ? "0 %" : formatPercent(value, 1));
const ratio = (value: number | null | undefined) => formatSigned(value, 2);

/** The line that markers of trades stand on. */
export const EQUITY_LINE = "equity";

const hasNumbers = (values: Values | undefined): values is Values => values?.some((value) => value !== null) ?? false;

interface View {
  readonly logarithmic?: boolean;
  /** Drawn only when asked for: on its scale a market-neutral account is a flat line. */
  readonly withBenchmark?: boolean;
}

function equityPane({ equity, benchmark }: EquityColumns, { logarithmic = false, withBenchmark = false }: View): Pane {
  return {
    id: "equity",
    title: `Equity${logarithmic ? ", log scale" : ""}`,
    stretch: 2,
    logarithmic,
    format: money,
    lines: [
      { id: EQUITY_LINE, label: "account", values: equity, color: "leg1", width: 2, format: money },
      ...(withBenchmark && hasNumbers(benchmark)
        ? [{ id: "benchmark", label: "benchmark", values: benchmark, color: "mean" as const, dashed: true, format: money }]
        : []),
    ],
  };
}

/** The server's drawdown is a positive share; drawn downwards it hangs from the high. */
function drawdownPane({ drawdown }: EquityColumns): Pane {
  const below = drawdown.map((value) => (value === null ? null : value === 0 ? 0 : -value));
  return {
    id: "drawdown",
    title: "Drawdown",
    stretch: 0.9,
    format: percent,
    lines: [{ id: "drawdown", label: "below the high", values: below, color: "negative", area: true, format: percent }],
  };
}

function rollingPane(id: string, title: string, values: Values): Pane {
  return {
    id,
    title,
    stretch: 0.8,
    format: ratio,
    lines: [{ id, label: "", values, color: "spread", format: ratio }],
    levels: [{ value: 0, label: "" }],
  };
}

/** Equity, drawdown, and rolling figures where there are any, all over one time axis. */
export function equityStack(columns: EquityColumns, view: View = {}): PaneStack {
  const { rolling_sharpe: sharpe, rolling_beta: beta } = columns;
  return {
    timestamps: columns.timestamps,
    inSample: [],
    panes: [
      equityPane(columns, view),
      drawdownPane(columns),
      ...(hasNumbers(sharpe) ? [rollingPane("rolling_sharpe", "Sharpe of the last half year", sharpe)] : []),
      ...(hasNumbers(beta) ? [rollingPane("rolling_beta", "Beta of the last half year", beta)] : []),
    ],
  };
}
