import { memo } from "react";

import { sparklinePath, type Extent } from "./sparklinePath";
import styles from "./table.module.css";

interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly width?: number;
  readonly height?: number;
  /** Shared scale; each line fills its own box when absent. */
  readonly extent?: Extent | null;
  /** A level drawn as a hairline, for example the mean. */
  readonly baseline?: number;
}

/** A word-sized line; it decorates numbers that stand beside it, so assistive technology passes it by. */
export const Sparkline = memo(function Sparkline({
  values,
  width = 96,
  height = 20,
  extent,
  baseline,
}: SparklineProps) {
  const path = sparklinePath(values, width, height, extent ?? undefined);
  const level =
    baseline === undefined
      ? ""
      : sparklinePath([baseline, baseline], width, height, extent ?? undefined);
  return (
    <svg className={styles.sparkline} width={width} height={height} aria-hidden="true" focusable="false">
      {level !== "" && extent ? <path d={level} className={styles.sparkBase} /> : null}
      <path d={path} className={styles.sparkLine} />
    </svg>
  );
});
