import { useMemo, useSyncExternalStore } from "react";

import type { UniverseQuality } from "@/lib/api";
import { formatBarDate } from "@/lib/format";
import type { Store } from "@/lib/store";

import styles from "./coverage.module.css";
import { cellWords, monthWords } from "./model";

/** Where on the map one points. */
export interface MapPoint {
  readonly ticker: string | null;
  readonly month: number | null;
  /** By keyboard: read it out. */
  readonly spoken: boolean;
}

/** What stands at the point of the map, in words. */
export function CoverageReadout({ quality, at }: { readonly quality: UniverseQuality; readonly at: Store<MapPoint> }) {
  const { ticker, month, spoken } = useSyncExternalStore(at.subscribe, at.get);
  const byTicker = useMemo(() => new Map(quality.symbols.map((each) => [each.ticker, each])), [quality]);
  const symbol = ticker === null ? undefined : byTicker.get(ticker);
  return (
    <p className={styles.readout} aria-live={spoken ? "polite" : "off"}>
      {symbol ? (
        <>
          <strong>{symbol.ticker}</strong>
          {month === null ? null : (
            <span>
              {monthWords(quality.months[month] ?? "")}:{" "}
              {cellWords(symbol.counts[month] ?? 0, symbol.expected[month] ?? 0, symbol.quarantined[month] ?? 0)}
            </span>
          )}
          <span className={styles.quiet}>
            {symbol.first ? `bars from ${formatBarDate(symbol.first)} to ${formatBarDate(symbol.last)}` : "no bar stored"}
          </span>
        </>
      ) : (
        <span className={styles.quiet}>Point at a month, or press ← and → in a row, to read it; Shift goes by years.</span>
      )}
    </p>
  );
}
