import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { ratioWords } from "@/components/performance";
import { Sparkline } from "@/components/table";
import type { Backtest, Comparison } from "@/lib/api";
import { runName } from "@/lib/backtests";
import { formatCount, formatPercent, formatPValue, formatSigned } from "@/lib/format";
import { useTokens } from "@/theme/useTokens";

import { differenceRows, differenceWords, letterOf, settingWords, usualValue, valueWords } from "../compareRows";
import { chanceWords, deflatedWords, periodWords } from "../runWords";
import styles from "./backtests.module.css";

/** A run's letter in the colour of its line. */
function Letter({ place }: { readonly place: number }) {
  const { chart } = useTokens();
  return (
    <b className={styles.letter} style={{ color: chart.series[place % chart.series.length] }}>
      {letterOf(place)}
    </b>
  );
}

interface RunsProps {
  readonly runs: readonly Backtest[];
  readonly onDrop: ((id: number) => void) | undefined;
}

/** The runs with their figures; the letters are those at the ends of the lines below. */
export function RunsTable({ runs, onDrop }: RunsProps) {
  return (
    <div className={styles.scroller}>
      <table className={styles.small} aria-label="Runs compared">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Traded</th>
            <th scope="col">Equity</th>
            <th scope="col" className={styles.right}>
              a year
            </th>
            <th scope="col" className={styles.right}>
              Sharpe ± error
            </th>
            <th scope="col" className={styles.right}>
              Not luck
            </th>
            <th scope="col" className={styles.right}>
              Drawdown
            </th>
            <th scope="col" className={styles.right}>
              Trades
            </th>
            <th scope="col" className={styles.right}>
              Costs
            </th>
            <th scope="col">
              <span className="visually-hidden">Leave out</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run, place) => (
            <RunRow key={run.id} run={run} place={place} onDrop={onDrop} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run, place, onDrop }: { readonly run: Backtest; readonly place: number; readonly onDrop: RunsProps["onDrop"] }) {
  const { metrics } = run;
  return (
    <tr>
      <th scope="row">
        <Letter place={place} />{" "}
        <Link to="/backtests/$run" params={{ run: run.id }}>
          {run.id} · {runName(run)}
        </Link>
      </th>
      <td>{periodWords(run)}</td>
      <td>{run.sparkline.length > 1 ? <Sparkline values={run.sparkline} /> : null}</td>
      <td className={styles.right}>{metrics?.cagr == null ? "–" : `${formatSigned(metrics.cagr * 100, 1)} %`}</td>
      <td className={styles.right}>{ratioWords(metrics?.sharpe)}</td>
      <td className={styles.right}>{deflatedWords(metrics?.deflated_sharpe)}</td>
      <td className={styles.right}>{formatPercent(metrics?.max_drawdown, 1)}</td>
      <td className={styles.right}>{formatCount(metrics?.n_trades)}</td>
      <td className={styles.right}>{formatPercent(metrics?.cost_share, 0)}</td>
      <td>
        {onDrop ? (
          <Button variant="subtle" size="compact-xs" mih={24} aria-label={`Leave out ${letterOf(place)}`} onClick={() => onDrop(run.id)}>
            Leave out
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

/** Only the settings in which the runs differ; what departs from most of them is bold. */
export function DifferingSettings({ comparison: { runs, parameters_differ: differing } }: { readonly comparison: Comparison }) {
  return (
    <section aria-labelledby="differing" className={styles.part}>
      <h2 id="differing">What differs</h2>
      {differing.length === 0 ? (
        <p className={styles.muted}>Nothing: the runs were asked for alike.</p>
      ) : (
        <div className={styles.scroller}>
          <table className={styles.small}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {runs.map((run, place) => (
                  <th key={run.id} scope="col" className={styles.right}>
                    <Letter place={place} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {differing.map(({ name, values }) => {
                const usual = usualValue(values);
                return (
                  <tr key={name}>
                    <th scope="row">{settingWords(name)}</th>
                    {values.map((value, place) => (
                      <td key={runs[place]?.id} className={`${styles.right} ${(value ?? "").includes(" ") ? styles.setting : ""}`} data-departs={usual !== null && value !== usual ? true : undefined}>
                        {valueWords(value)}
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Every difference of two Sharpe ratios on the bars both have, with its test. */
export function Differences({ comparison }: { readonly comparison: Comparison }) {
  const rows = differenceRows(comparison);
  return (
    <section aria-labelledby="differences" className={styles.part}>
      <h2 id="differences">Is the difference more than luck?</h2>
      <div className={styles.scroller}>
        <table className={styles.small}>
          <thead>
            <tr>
              <th scope="col">Runs</th>
              <th scope="col" className={styles.right}>
                Sharpe difference
              </th>
              <th scope="col" className={styles.right}>
                p
              </th>
              <th scope="col" className={styles.right}>
                Bars
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.a} ${row.b}`}>
                <th scope="row">{row.letters}</th>
                <td className={styles.right}>{ratioWords({ value: row.sharpe_difference, standard_error: row.standard_error })}</td>
                <td className={styles.right}>{formatPValue(row.pvalue)}</td>
                <td className={styles.right}>{formatCount(row.n)}</td>
                <td title={row.words}>{differenceWords(row)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.muted}>
        {chanceWords(rows.length)} Tested in pairs on the bars both runs have (Ledoit and Wolf), which sees far smaller
        differences than two separate errors would.
      </p>
    </section>
  );
}
