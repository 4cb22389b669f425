import type { Severity } from "@/lib/api";
import { SEVERITY_WORDS } from "@/lib/alertWords";

import styles from "./alerts.module.css";

/** Filled, hollow, round: told apart by shape before colour. */
const SHAPES: Record<Severity, React.ReactNode> = {
  critical: <path d="M6 1.2 11.2 10.8H.8Z" className={styles.filled} />,
  warning: <path d="M6 2 10.6 10.3H1.4Z" className={styles.hollow} />,
  info: <circle cx="6" cy="6.5" r="3.6" className={styles.hollow} />,
};

/** How much an alert matters, as a small sign with its word for those who hear the page. */
export function SeverityMark({ severity, named = false }: { severity: Severity; named?: boolean }) {
  const word = SEVERITY_WORDS[severity];
  return (
    <span className={styles.severity} data-severity={severity} title={word}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        {SHAPES[severity]}
      </svg>
      <span className={named ? undefined : "visually-hidden"}>{word}</span>
    </span>
  );
}
