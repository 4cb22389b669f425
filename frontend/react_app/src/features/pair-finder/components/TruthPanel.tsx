import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import type { Scan } from "@/lib/api";
import { formatHalfLife, formatNumber, formatPValue, MISSING } from "@/lib/format";
import { universeQuery } from "@/lib/queries";

import { testedPairsQuery } from "../api/queries";
import { truthRows } from "../truthRows";
import styles from "./finder.module.css";

/** Pair by pair: what was planted, and whether the scan found it. */
export function TruthPanel({ scan, universe }: { readonly scan: Scan; readonly universe: number }) {
  const [open, setOpen] = useState(false);
  const truth = useQuery({ ...universeQuery(universe), enabled: open });
  const tested = useQuery({ ...testedPairsQuery(scan.id), enabled: open });
  const error = truth.error ?? tested.error;
  const rows = truth.data && tested.data ? truthRows(truth.data.planted, tested.data.results) : null;
  return (
    <details className={styles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Compare with the truth, pair by pair</summary>
      {error ? <ErrorNotice error={error} what="The truth could not be loaded" /> : null}
      {open && rows === null && !error ? <SkeletonRows rows={6} label="Loading the planted pairs" /> : null}
      {rows ? (
        // A box that scrolls must be reachable by the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Planted pairs">
          <table className={styles.small}>
            <thead>
              <tr>
                <th scope="col">Pair</th>
                <th scope="col">Planted</th>
                <th scope="col">Outcome</th>
                <th scope="col" className={styles.right}>
                  q
                </th>
                <th scope="col" className={styles.right}>
                  True half-life
                </th>
                <th scope="col" className={styles.right}>
                  True hedge
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.key}>
                  <td>{row.pair}</td>
                  <td>{row.kind === "none" ? "nothing" : row.kind}</td>
                  <td className={row.outcome === "found" ? styles.found : undefined}>{row.outcome}</td>
                  <td className={styles.right}>{formatPValue(row.qvalue)}</td>
                  <td className={styles.right}>{row.kind === "none" ? MISSING : formatHalfLife(row.true_half_life)}</td>
                  <td className={styles.right}>{formatNumber(row.true_hedge_ratio, 3)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </details>
  );
}
