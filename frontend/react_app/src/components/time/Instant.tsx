import { EXCHANGE_ZONE, localZone, useDisplayZone } from "@/lib/displayZone";
import { formatDateTime, instantParts, MISSING } from "@/lib/format";

import styles from "./time.module.css";

/** The same instant on the three clocks people ask about, for whoever points at it. */
function elsewhere(at: string): string {
  const zones = [
    ["UTC", "UTC"],
    ["Exchange", EXCHANGE_ZONE],
    ["This computer", localZone()],
  ] as const;
  return zones.map(([name, zone]) => `${name}: ${formatDateTime(at, zone)}`).join("\n");
}

/** An instant in the time zone of the person's preferences, with the zone said. */
export function Instant({ at, none = MISSING }: { at: string | null | undefined; none?: string }) {
  const zone = useDisplayZone();
  const parts = instantParts(at, zone);
  if (!at || !parts) return none;
  return (
    <time dateTime={at} title={elsewhere(at)} className={styles.instant}>
      {parts.at} <span className={styles.zone}>{parts.zone}</span>
    </time>
  );
}
