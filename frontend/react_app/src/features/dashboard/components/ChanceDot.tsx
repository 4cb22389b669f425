import styles from "./dashboard.module.css";

interface Props {
  readonly found: number;
  readonly chance: number;
  /** Right end of the scale all rows share. */
  readonly end: number;
}

const WIDTH = 120;
const HEIGHT = 20;

/** A dot for what was found and a tick for what chance gives, on one scale down the table. */
export function ChanceDot({ found, chance, end }: Props) {
  const x = (share: number) => 4 + (WIDTH - 8) * Math.min(1, share / end);
  const middle = HEIGHT / 2;
  return (
    <svg width={WIDTH} height={HEIGHT} className={styles.dots} aria-hidden="true" focusable="false">
      <path d={`M4 ${middle}H${WIDTH - 4}`} className={styles.axis} />
      <path d={`M${x(chance).toFixed(1)} ${middle}H${x(found).toFixed(1)}`} className={styles.reach} />
      <path d={`M${x(chance).toFixed(1)} ${middle - 6}v12`} className={styles.chance} />
      <circle cx={x(found).toFixed(1)} cy={middle} r="3.5" className={styles.found} />
    </svg>
  );
}
