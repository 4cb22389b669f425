import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import type { Scan } from "@/lib/api";
import { plural } from "@/lib/format";

import { skippedQuery } from "../api/queries";
import styles from "./finder.module.css";

/** The pairs that could not be tested, with the reason of each; read only when opened. */
export function SkippedPairs({ scan, title }: { readonly scan: Scan; readonly title: string }) {
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({ ...skippedQuery(scan.id), enabled: open });
  return (
    <details className={styles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      <ul className={styles.reasons}>
        {scan.reasons.map(({ reason, count, message }) => (
          <li key={reason}>
            {plural(count, "pair")}: {message}
          </li>
        ))}
      </ul>
      {error ? <ErrorNotice error={error} what="The skipped pairs could not be loaded" onRetry={() => void refetch()} /> : null}
      {open && !data && !error ? <SkeletonRows rows={4} label="Loading the skipped pairs" /> : null}
      {data ? (
        // A box that scrolls must be reachable by the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Skipped pairs">
          <table className={styles.small}>
            <thead>
              <tr>
                <th scope="col">Pair</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {data.results.map(({ symbol_1, symbol_2, message }) => (
                <tr key={`${symbol_1}/${symbol_2}`}>
                  <td>
                    {symbol_1} / {symbol_2}
                  </td>
                  <td>{message}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {data.count > data.results.length ? (
            <p className={styles.muted}>The first {plural(data.results.length, "pair")} of {plural(data.count, "pair")}.</p>
          ) : null}
        </div>
      ) : null}
    </details>
  );
}
