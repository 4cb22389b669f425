import { Link } from "@tanstack/react-router";

import { ratioWords } from "@/components/performance";
import { Sparkline, type DataColumn } from "@/components/table";
import { Ago } from "@/components/time";
import type { Backtest, Headline } from "@/lib/api";
import { runName, tradedWords } from "@/lib/backtests";
import { formatCount, formatPercent, formatSigned } from "@/lib/format";

import styles from "./components/backtests.module.css";
import { deflatedWords, keyParameters, periodWords, ruleWords, stateWords } from "./runWords";

type Column = DataColumn<Backtest>;

const signedPercent = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : `${formatSigned(value * 100, 1)} %`;

function figure(
  id: string,
  header: string,
  explain: string,
  value: (metrics: Headline) => number | null,
  show: (metrics: Headline) => string,
  rest: Partial<Column> = {},
): Column {
  return {
    id,
    header,
    explain,
    align: "right",
    width: 76,
    firstSort: "descending",
    value: ({ metrics }) => (metrics ? value(metrics) : null),
    cell: ({ metrics }) => (metrics ? show(metrics) : ""),
    ...rest,
  };
}

/** Columns that start hidden. */
export const HIDDEN_AT_FIRST: readonly string[] = ["parameters", "cagr", "capital"];

const WHAT: readonly Column[] = [
  {
    id: "id",
    header: "No.",
    width: 48,
    align: "right",
    firstSort: "descending",
    hideable: false,
    value: ({ id }) => id,
  },
  {
    id: "name",
    header: "Backtest",
    width: 168,
    grow: 2,
    hideable: false,
    value: runName,
    cell: (run) => (
      <Link to="/backtests/$run" params={{ run: run.id }} tabIndex={-1} title={`${tradedWords(run)}; ${ruleWords(run.rule)}, ${keyParameters(run)}`}>
        {runName(run)}
      </Link>
    ),
  },
  {
    id: "period",
    header: "Traded",
    width: 164,
    value: periodWords,
    cell: (run) => <span title={periodWords(run)}>{`${run.start_date.slice(0, 7)} – ${run.end_date.slice(0, 7)}`}</span>,
  },
  { id: "parameters", header: "Parameters", width: 200, grow: 1, value: keyParameters },
  {
    id: "sparkline",
    header: "Equity",
    explain: "The account over its capital, from first to last bar; each line fills its own height.",
    width: 104,
    sortable: false,
    exported: false,
    value: () => null,
    cell: ({ sparkline }) => (sparkline.length > 1 ? <Sparkline values={sparkline} /> : null),
  },
];

const FIGURES: readonly Column[] = [
  figure("total_return", "Return", "What the account gained in all, costs paid.", (m) => m.total_return, (m) => signedPercent(m.total_return)),
  figure("cagr", "a year", "The growth a year that would give the same.", (m) => m.cagr, (m) => signedPercent(m.cagr), { width: 68 }),
  figure("sharpe", "Sharpe ± error", "Mean over deviation of returns, a year; with its standard error.", (m) => m.sharpe.value, (m) => ratioWords(m.sharpe), {
    width: 112,
  }),
  figure(
    "deflated_sharpe",
    "Not luck",
    "Deflated Sharpe ratio: the probability that the true ratio beats what the best of all configurations tried would reach by luck. 95 % is the usual bar.",
    (m) => m.deflated_sharpe,
    (m) => deflatedWords(m.deflated_sharpe),
    { width: 72 },
  ),
  figure("max_drawdown", "Drawdown", "The deepest fall below an earlier high.", (m) => m.max_drawdown, (m) => formatPercent(m.max_drawdown, 1), {
    width: 84,
    firstSort: "ascending",
  }),
  figure("n_trades", "Trades", "Round trips.", (m) => m.n_trades, (m) => formatCount(m.n_trades), { width: 60 }),
  figure("cost_share", "Costs", "Share of the gross profit that costs took; nothing where there was no gross profit.", (m) => m.cost_share, (m) => formatPercent(m.cost_share, 0), {
    width: 60,
  }),
];

/** The columns of the list of runs. */
export const RUN_COLUMNS: readonly Column[] = [
  ...WHAT,
  ...FIGURES,
  { id: "capital", header: "Capital", width: 88, align: "right", value: ({ capital }) => capital, cell: ({ capital }) => formatCount(capital) },
  {
    id: "status",
    header: "Status",
    width: 92,
    value: stateWords,
    cell: (run) => <span className={styles.muted}>{run.data_changed ? "data changed" : stateWords(run)}</span>,
  },
  { id: "created_at", header: "Asked for", width: 96, firstSort: "descending", value: ({ created_at }) => created_at, cell: ({ created_at }) => <Ago at={created_at} /> },
];
