import { formatSigned } from "@/lib/format";

import styles from "./overfitting.module.css";

interface Props {
  /** Sharpe ratios a year. */
  readonly shown: number;
  readonly byLuck: number;
}

const WIDTH = 320;

/** One scale: what luck gives, and what the run shows. The sentence beside it says the same. */
export function LuckStrip({ shown, byLuck }: Props) {
  const low = Math.min(0, shown, byLuck);
  const high = Math.max(0.5, shown, byLuck) * 1.05;
  const x = (value: number) => ((value - low) / (high - low)) * 100;
  const side = (value: number) => (x(value) > 80 ? styles.toLeft : styles.toRight);
  return (
    <div className={styles.luck} aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" focusable="false">
        <path d={`M0 6H${WIDTH}`} className={styles.base} />
        <path d={`M${(x(0) / 100) * WIDTH} 2V10`} className={styles.base} />
        <path d={`M${(x(byLuck) / 100) * WIDTH} 0V12`} className={styles.tick} />
        <path d={`M${(x(shown) / 100) * WIDTH} 6h0`} className={styles.dot} data-beyond={shown > byLuck} />
      </svg>
      <span className={`${styles.above} ${side(shown) ?? ""}`} style={{ left: `${x(shown)}%` }}>
        this run {formatSigned(shown)}
      </span>
      <span className={`${styles.below} ${side(byLuck) ?? ""}`} style={{ left: `${x(byLuck)}%` }}>
        luck {formatSigned(byLuck)}
      </span>
    </div>
  );
}
