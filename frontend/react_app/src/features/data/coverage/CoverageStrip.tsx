import { useMemo } from "react";

import type { SymbolQuality } from "@/lib/api";

import styles from "./coverage.module.css";
import { STRIP_HEIGHT, stripPaths, stripWords } from "./model";

/** One symbol's months on the scale all share: bars as high as their share of the sessions. */
export function CoverageStrip({ symbol, months }: { readonly symbol: SymbolQuality; readonly months: number }) {
  const paths = useMemo(() => stripPaths(symbol), [symbol]);
  return (
    <div className={styles.strip} data-strip={symbol.ticker}>
      <svg
        role="img"
        aria-label={stripWords(symbol)}
        viewBox={`0 0 ${Math.max(1, months)} ${STRIP_HEIGHT}`}
        preserveAspectRatio="none"
        width="100%"
        height={STRIP_HEIGHT}
      >
        <path className={styles.present} d={paths.present} />
        <path className={styles.lacking} d={paths.lacking} />
        <path className={styles.missing} d={paths.missing} />
        <path className={styles.aside} d={paths.aside} />
      </svg>
    </div>
  );
}
