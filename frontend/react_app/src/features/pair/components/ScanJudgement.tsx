import { useQuery } from "@tanstack/react-query";

import type { Scan } from "@/lib/api";

import type { EffectiveWindow } from "../analyseForm";
import { scanRowQuery } from "../api/queries";
import { judgement, otherLook } from "../scanJudgement";
import type { PairSearch } from "../search";
import styles from "./pair.module.css";

interface Props {
  readonly scan: Scan;
  readonly legs: readonly [string, string];
  readonly search: PairSearch;
  /** The days of the analysis on screen; null while there is none. */
  readonly shown: EffectiveWindow | null;
}

/** What the scan says of the pair comes first: it counts every test, one look does not. */
export function ScanJudgement({ scan, legs, search, shown }: Props) {
  const tested = scan.completed_at !== null && legs.every((leg) => scan.symbols.includes(leg));
  const { data: row, isPending, error } = useQuery({ ...scanRowQuery(scan.id, legs), enabled: tested });
  // Nothing is said of a scan that can't be read: the page stands without it.
  if (error) return null;
  if (tested && isPending) return <JudgementPending id={scan.id} />;
  const other = row && shown ? otherLook(scan, search, shown) : null;
  return (
    <p className={styles.judgement}>
      {judgement(scan, row ?? null, legs)}
      {other === null ? null : <span className={styles.aside}> {other}</span>}
    </p>
  );
}

/** Keeps the line's place, so that nothing moves when it comes. */
export function JudgementPending({ id }: { readonly id: number }) {
  return <p className={`${styles.judgement ?? ""} ${styles.fading ?? ""}`}>Reading what scan {id} says of this pair…</p>;
}
