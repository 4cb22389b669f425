import { formatBarDate } from "@/lib/format";
import { useTokens } from "@/theme/useTokens";

import styles from "./charts.module.css";
import { colorOf, readableLines, type LineColor, type PaneStack } from "./panes";

const CLASS: Partial<Record<LineColor, string | undefined>> = {
  leg1: styles.leg1,
  leg2: styles.leg2,
  spread: styles.spreadText,
  zScore: styles.spreadText,
  mean: styles.mutedText,
  band: styles.mutedText,
};

interface Props {
  readonly stack: PaneStack;
  readonly bar: number;
  /** Top of each pane in pixels. */
  readonly tops: readonly number[];
  /** Read aloud: the bar was chosen by keyboard. */
  readonly spoken: boolean;
}

/** Names and values at the crosshair's bar (the last one otherwise), on the panes themselves. */
export function Readouts({ stack, bar, tops, spoken }: Props) {
  const { chart: palette } = useTokens();
  const timestamp = stack.timestamps[bar];
  if (timestamp === undefined) return null;
  const day = formatBarDate(timestamp);
  // A left price axis takes its room in every pane.
  const leftAxis = stack.panes.some((pane) => pane.lines.some((line) => line.scale === "left"));
  return (
    <>
      <div className={leftAxis ? styles.besideAxis : styles.readouts} aria-hidden="true">
        {stack.panes.map((pane, index) => (
          <div key={pane.id} className={styles.readout} style={{ top: (tops[index] ?? 0) + 4 }}>
            <span className={styles.paneTitle}>{pane.title}</span>
            {index === 0 ? (
              <span className={styles.mutedText}>
                {day}
                {stack.inSample.length === 0 || stack.inSample[bar] ? "" : ", out of sample"}
              </span>
            ) : null}
            {pane.lines
              .filter((line) => line.read !== false)
              .map((line) => (
                <span
                  key={line.id}
                  className={CLASS[line.color]}
                  style={line.color in CLASS ? undefined : { color: colorOf(palette, line.color) }}
                >
                  {line.label} <b>{line.format(line.values[bar])}</b>
                </span>
              ))}
          </div>
        ))}
      </div>
      <div className={styles.hidden} role="status">
        {spoken
          ? `${day}: ${readableLines(stack)
              .map((line) => `${line.label} ${line.format(line.values[bar])}`)
              .join(", ")}`
          : ""}
      </div>
    </>
  );
}
