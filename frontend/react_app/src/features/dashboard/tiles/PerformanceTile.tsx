import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { extentOf, Sparkline } from "@/components/table";
import { formatPercent, formatSigned, formatSure } from "@/lib/format";
import { backtestsQuery, useMe, walkForwardsQuery } from "@/lib/queries";

import styles from "../components/dashboard.module.css";
import { TileBody } from "../components/TileBody";
import { performanceRows, ratioWords, type PerformanceRow } from "../performanceRows";

const SHOWN = 6;
const NONE = { results: [] };

/** What finished runs earned, walk-forwards first: they alone are out of sample throughout. */
export function PerformanceTile() {
  const { permissions } = useMe();
  const may = permissions.includes("trading.view_backtestrun");
  const walks = useQuery(walkForwardsQuery);
  const runs = useQuery({ ...backtestsQuery, enabled: may });
  return (
    <TileBody query={walks} what="The walk-forwards" rows={3}>
      {(walked) => {
        const rows = performanceRows(walked.results, (runs.data ?? NONE).results, SHOWN);
        return rows.length === 0 ? <NoRun /> : <Rows rows={rows} />;
      }}
    </TileBody>
  );
}

function NoRun() {
  return (
    <p className={styles.quiet}>
      No run yet. <Link to="/walk-forwards">Start a walk-forward</Link>: it chooses pairs on the past and trades what came
      after. Or <Link to="/backtests/new">backtest one pair</Link>.
    </p>
  );
}

function Rows({ rows }: { readonly rows: readonly PerformanceRow[] }) {
  const extent = extentOf([1, ...rows.flatMap(({ sparkline }) => sparkline)]);
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Account</th>
            <th scope="col" className={styles.right}>
              Return
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Drawdown
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              In training
            </th>
            <th scope="col" className={styles.right}>
              Sharpe
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Not luck
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.href} row={row} extent={extent} />
          ))}
        </tbody>
      </table>
      <p className={styles.caption}>
        After costs, on one scale. <span className={styles.lesser}>In training: what the same choices had shown before. Not luck: how sure it is, after all tries.</span>
      </p>
    </>
  );
}

function Row({ row, extent }: { readonly row: PerformanceRow; readonly extent: ReturnType<typeof extentOf> }) {
  const { metrics } = row;
  return (
    <tr>
      <th scope="row" className={styles.clip}>
        <Link to={row.href} title={row.name}>
          {row.name}
        </Link>
      </th>
      <td>
        <Sparkline values={row.sparkline} width={96} extent={extent} baseline={1} />
      </td>
      <td className={styles.right}>{metrics.total_return === null ? "–" : `${formatSigned(metrics.total_return * 100, 1)} %`}</td>
      <td className={`${styles.right} ${styles.lesser}`}>{formatPercent(metrics.max_drawdown, 1)}</td>
      <td className={`${styles.right} ${styles.lesser} ${styles.faint}`}>{row.inSample === null ? "" : formatSigned(row.inSample)}</td>
      <td className={`${styles.right} ${styles.strong}`}>{ratioWords(metrics.sharpe)}</td>
      <td className={`${styles.right} ${styles.lesser}`}>{formatSure(metrics.deflated_sharpe)}</td>
    </tr>
  );
}
