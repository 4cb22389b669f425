import type { WatchedPair } from "@/lib/api";

import { heightOf, standing, stripPath } from "../zStrip";
import styles from "./dashboard.module.css";

interface Props {
  readonly pair: Pick<WatchedPair, "z_score" | "sparkline" | "entry_z" | "exit_z">;
  /** Half the shared scale, in deviations. */
  readonly reach: number;
}

const WIDTH = 240;
const HEIGHT = 32;

/** The z-score's last bars between its thresholds. The numbers beside it say the same, so it is passed by when read out. */
export function ZStrip({ pair, reach }: Props) {
  const { z_score, sparkline, entry_z, exit_z } = pair;
  const y = (z: number) => heightOf(z, reach, HEIGHT);
  const line = (z: number) => `M0 ${y(z).toFixed(1)}H${WIDTH}`;
  return (
    <svg
      className={styles.strip}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect x="0" width={WIDTH} y={y(exit_z)} height={y(-exit_z) - y(exit_z)} className={styles.exitBand} />
      <path d={line(entry_z)} className={styles.entryLine} />
      <path d={line(-entry_z)} className={styles.entryLine} />
      <path d={line(0)} className={styles.zeroLine} />
      <path d={stripPath(sparkline, reach, WIDTH, HEIGHT)} className={styles.zLine} />
      {z_score === null ? null : (
        <path
          d={`M${WIDTH} ${y(z_score).toFixed(1)}h0.01`}
          className={styles.zEnd}
          data-side={standing(pair) === "entry" ? (z_score > 0 ? "above" : "below") : "inside"}
        />
      )}
    </svg>
  );
}
