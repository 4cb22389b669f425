import type { Stress } from "@/lib/api";
import { formatSigned } from "@/lib/format";

import { apart, fanOf } from "./fan";
import styles from "./overfitting.module.css";

const WIDTH = 320;
const HEIGHT = 116;

const shown = (level: number) => level === 0.05 || level === 0.5 || level === 0.95;

/** Paths that could have been, as bands around their median, each end named on the spot. */
export function FanChart({ stress }: { readonly stress: Stress }) {
  const fan = fanOf(stress, WIDTH, HEIGHT);
  if (!fan) return null;
  const ends = fan.ends.filter(({ level }) => shown(level));
  const heights = apart(ends.map(({ y }) => y), 14);
  return (
    <div className={styles.fan}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {fan.areas.map(({ id, path }) => (
          <path key={id} d={path} className={styles.band} />
        ))}
        <path d={`M0 ${fan.base}H${WIDTH}`} className={styles.base} />
        <path d={fan.median} className={styles.median} />
      </svg>
      <div className={styles.ends}>
        {ends.map(({ level, gain }, place) => (
          <span key={level} style={{ top: `${((heights[place] ?? 0) / HEIGHT) * 100}%` }}>
            {formatSigned(gain * 100, Math.abs(gain) < 0.1 ? 1 : 0)} %
          </span>
        ))}
      </div>
      <p className={styles.caption}>
        Where {stress.n_paths.toLocaleString("en-US")} drawn paths go: 1 in 20 ends below the lowest figure, half above the
        middle one, 1 in 20 above the highest.
      </p>
    </div>
  );
}
