/** Finished runs as rows of the Dashboard. */
import type { Backtest, Headline, WalkForward } from "@/lib/api";
import { runName } from "@/lib/backtests";
import { formatNumber, formatSigned } from "@/lib/format";

export interface PerformanceRow {
  readonly href: string;
  readonly name: string;
  readonly metrics: Headline;
  readonly sparkline: readonly number[];
  /** What training promised; null for runs without one. */
  readonly inSample: number | null;
}

function walkRow(run: WalkForward): PerformanceRow[] {
  if (run.completed_at === null || run.metrics === null) return [];
  const [first] = run.pairs;
  const over = run.universe?.name ?? (first ? `${first.join(" / ")}${run.pairs.length > 1 ? ` and ${run.pairs.length - 1} more` : ""}` : `scan ${run.scan ?? ""}`);
  return [
    {
      href: `/walk-forwards/${run.id}`,
      name: run.name === "" ? `Walk-forward, ${over}` : run.name,
      metrics: run.metrics,
      sparkline: run.sparkline,
      inSample: run.in_sample_sharpe,
    },
  ];
}

function runRow(run: Backtest): PerformanceRow[] {
  if (run.completed_at === null || run.metrics === null) return [];
  return [{ href: `/backtests/${run.id}`, name: runName(run), metrics: run.metrics, sparkline: run.sparkline, inSample: null }];
}

/** The newest finished walk-forwards, then the newest backtests, as many as there is room for. */
export function performanceRows(walks: readonly WalkForward[], runs: readonly Backtest[], most: number): readonly PerformanceRow[] {
  const walked = walks.flatMap(walkRow).slice(0, Math.ceil(most / 2));
  return [...walked, ...runs.flatMap(runRow)].slice(0, most);
}

/** "+0.42 ± 0.31", the ratio with its error. */
export function ratioWords({ value, standard_error: error }: Headline["sharpe"]): string {
  return error === null ? formatSigned(value) : `${formatSigned(value)} ± ${formatNumber(error)}`;
}
