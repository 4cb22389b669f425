import styles from "./feedback.module.css";

/** Widths that look like text, the same at every render. */
const WIDTHS = [92, 78, 85, 64, 88, 72, 95, 69];

/** Rows on their way. Says so once to a screen reader. */
export function SkeletonRows({ rows = 8, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div className={styles.rows} role="status">
      <span className={styles.hidden}>{label}…</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.bar} style={{ width: `${WIDTHS[row % WIDTHS.length] ?? 80}%` }} aria-hidden />
      ))}
    </div>
  );
}

/** A drawing on its way, with the height it will have: nothing jumps when it comes. */
export function SkeletonBlock({ height, label = "Loading" }: { height: number | string; label?: string }) {
  return (
    <div role="status">
      <span className={styles.hidden}>{label}…</span>
      <div className={styles.block} style={{ height }} aria-hidden />
    </div>
  );
}
