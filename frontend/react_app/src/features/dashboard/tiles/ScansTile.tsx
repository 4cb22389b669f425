import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Ago } from "@/components/time";
import type { Scan } from "@/lib/api";
import { formatCount, formatPercent } from "@/lib/format";
import { scansQuery, useMay } from "@/lib/queries";
import { shortPercent, subjectWords } from "@/lib/scanWords";

import { ChanceDot } from "../components/ChanceDot";
import styles from "../components/dashboard.module.css";
import { TileBody } from "../components/TileBody";
import { aboutCount, scaleEnd, shares, stateWords } from "../scanRows";

/** The newest scans only; all of them stand in the Pair Finder. */
const SHOWN = 6;

/** The last scans: how many pairs survive, beside what chance alone gives. */
export function ScansTile() {
  const query = useQuery({
    ...scansQuery,
    // Its job is followed over the socket; the row is read again while it runs.
    refetchInterval: ({ state }) => (state.data?.results.slice(0, SHOWN).some(isAtWork) ? 5_000 : false),
  });
  return (
    <TileBody query={query} what="The scans" rows={4}>
      {({ results }) => (results.length === 0 ? <NoScan /> : <Rows scans={results.slice(0, SHOWN)} />)}
    </TileBody>
  );
}

function isAtWork({ completed_at, job }: Scan): boolean {
  return completed_at === null && (job?.status === "RUNNING" || job?.status === "PENDING");
}

function NoScan() {
  const mayScan = useMay("trading.add_scan");
  if (!mayScan) {
    return <p className={styles.quiet}>No scan of yours. Your role does not start scans; others show you theirs by a link.</p>;
  }
  return (
    <p className={styles.quiet}>
      No scan yet. <Link to="/pair-finder">Choose a universe and press Scan</Link>: the demo takes a second or two.
    </p>
  );
}

function Rows({ scans }: { readonly scans: readonly Scan[] }) {
  const end = scaleEnd(scans);
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Scan</th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Tested
            </th>
            <th scope="col" className={styles.right}>
              p &lt; 5 %
            </th>
            <th scope="col" className={styles.right}>
              by chance
            </th>
            <th scope="col" className={styles.lesser}>
              0 – {formatPercent(end)} of pairs
            </th>
            <th scope="col" className={styles.right}>
              Survive
            </th>
            <th scope="col" className={styles.right}>
              on its null
            </th>
            <th scope="col" className={styles.lesser}>
              At
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Asked for
            </th>
          </tr>
        </thead>
        <tbody>
          {scans.map((scan) => (
            <ScanRow key={scan.id} scan={scan} end={end} />
          ))}
        </tbody>
      </table>
      <p className={styles.caption}>
        <span className={styles.lesser}>Dot: pairs with p &lt; 5 %. Tick: what chance alone gives. </span>
        On its null: survivors of the same scan where nothing is cointegrated.
      </p>
    </>
  );
}

function ScanRow({ scan, end }: { readonly scan: Scan; readonly end: number }) {
  const share = shares(scan);
  const state = stateWords(scan);
  const { parameters } = scan;
  return (
    <tr>
      <th scope="row" className={styles.clip}>
        <Link to="/pair-finder" search={{ scan: scan.id }} title={subjectWords(scan)}>
          {scan.id} · {subjectWords(scan)}
        </Link>
      </th>
      {state === null ? (
        <>
          <td className={`${styles.right} ${styles.lesser}`}>{formatCount(scan.n_tests)}</td>
          <td className={styles.right}>{formatCount(scan.n_nominal)}</td>
          <td className={`${styles.right} ${styles.faint}`}>{aboutCount(scan.expected_by_chance)}</td>
          <td className={styles.lesser}>{share ? <ChanceDot {...share} end={end} /> : null}</td>
          <td className={`${styles.right} ${styles.strong}`}>{formatCount(scan.n_discoveries)}</td>
          <td className={`${styles.right} ${styles.faint}`}>{aboutCount(scan.null_discoveries)}</td>
        </>
      ) : (
        <td colSpan={6} className={styles.faint}>
          {state}
        </td>
      )}
      <td className={styles.lesser}>
        {parameters.fdr.toUpperCase()} {shortPercent(parameters.alpha)}
      </td>
      <td className={`${styles.right} ${styles.lesser} ${styles.faint}`}>
        <Ago at={scan.created_at} />
      </td>
    </tr>
  );
}
