import type { Scan } from "@/lib/api";

import { parameterWords } from "../scanWords";
import { chance, ownNull, skippedWords, survivors, truth } from "../sentences";
import styles from "./finder.module.css";
import { SkippedPairs } from "./SkippedPairs";
import { TruthPanel } from "./TruthPanel";

/** A finished scan in plain numbers: what survives, what chance alone would give, and what was asked. */
export function ScanSummary({ scan }: { readonly scan: Scan }) {
  const byChance = chance(scan);
  const byNull = ownNull(scan);
  const skipped = skippedWords(scan);
  return (
    <section className={styles.summary} aria-label="Result">
      <p className={styles.verdict}>{survivors(scan)}</p>
      {byChance === null ? null : <p className={styles.plain}>{byChance}</p>}
      {byNull === null ? null : <p className={styles.plain}>{byNull}</p>}
      {scan.truth === null ? null : <p className={styles.plain}>{truth(scan.truth)}</p>}
      <Asked scan={scan} />
      {scan.data_changed ? (
        <p className={styles.warning}>
          Prices have changed since this scan. Its numbers stand for the data it ran on; scan again for today&apos;s.
        </p>
      ) : null}
      <div className={styles.panels}>
        {scan.truth !== null && scan.universe !== null ? <TruthPanel scan={scan} universe={scan.universe.id} /> : null}
        {skipped === null ? null : <SkippedPairs scan={scan} title={skipped} />}
      </div>
    </section>
  );
}

/** What was asked for, in short phrases. */
export function Asked({ scan }: { readonly scan: Scan }) {
  return (
    <p className={styles.muted}>
      {parameterWords(scan).map((phrase) => (
        <span key={phrase}>{phrase}</span>
      ))}
      {scan.manifest ? (
        <span title={`Panel ${scan.manifest.panel_hash}, engine ${scan.manifest.engine_version}`}>
          data {scan.manifest.panel_hash.slice(0, 8)}
        </span>
      ) : null}
    </p>
  );
}
