import type { WalkForwardWindow } from "@/lib/api";
import { formatBarDate, formatPercent, formatSigned, plural } from "@/lib/format";

import { isShort, place, sharedScale, tally, type Scale } from "../windows";
import styles from "./walk.module.css";

interface Props {
  readonly windows: readonly WalkForwardWindow[];
  /** Windows there will be. */
  readonly expected: number;
  readonly chosen: number | null;
  readonly onChoose: (window: number | undefined) => void;
}

/** What training promised and the test kept, window under window, on one scale. */
export function WindowTable({ windows, expected, chosen, onChoose }: Props) {
  const scale = sharedScale(windows);
  const { tested, gained, below } = tally(windows);
  return (
    <section aria-labelledby="windows">
      <h2 id="windows">Training and test, window by window</h2>
      <table className={styles.windows}>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col" className={styles.plotHead}>
              <span>Sharpe ratio</span>
              <Ticks scale={scale} />
            </th>
            <th scope="col" className={styles.right}>
              Training
            </th>
            <th scope="col" className={styles.right}>
              Test
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Return
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Drawdown
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Trades
            </th>
            <th scope="col" className={`${styles.right} ${styles.lesser}`}>
              Tried
            </th>
          </tr>
        </thead>
        <tbody>
          {windows.map((window) => (
            <WindowRow
              key={window.number}
              window={window}
              scale={scale}
              short={isShort(window, windows)}
              chosen={window.number === chosen}
              onChoose={() => onChoose(window.number === chosen ? undefined : window.number)}
            />
          ))}
        </tbody>
      </table>
      <p className={styles.muted}>
        <span aria-hidden="true">○</span> training, <span aria-hidden="true">●</span> test. {gained} of{" "}
        {plural(tested, "test")} gained; in {below} training had promised more.
        {windows.length < expected ? ` ${expected - windows.length} of ${expected} still to come.` : ""}
      </p>
    </section>
  );
}

interface RowProps {
  readonly window: WalkForwardWindow;
  readonly scale: Scale;
  /** Too few bars for a ratio. */
  readonly short: boolean;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function WindowRow({ window, scale, short, chosen, onChoose }: RowProps) {
  const { in_sample: training, out_of_sample: test } = window;
  return (
    <tr data-chosen={chosen || undefined}>
      <th scope="row">
        <button type="button" className={styles.pick} aria-pressed={chosen} onClick={onChoose} title="Show its pairs and its part of the account">
          {formatBarDate(window.test_start)} <span className={styles.lesser}>– {formatBarDate(window.test_end)}</span>
        </button>
      </th>
      <td className={styles.plot}>
        <Dumbbell from={training.sharpe} to={short ? null : test.sharpe} scale={scale} />
      </td>
      <td className={`${styles.right} ${styles.faint}`}>{formatSigned(training.sharpe)}</td>
      <td className={`${styles.right} ${short ? styles.faint : styles.strong}`}>{short ? "too short" : formatSigned(test.sharpe)}</td>
      <td className={`${styles.right} ${styles.lesser}`}>{test.total_return === null ? "–" : `${formatSigned(test.total_return * 100, 1)} %`}</td>
      <td className={`${styles.right} ${styles.lesser}`}>{formatPercent(test.max_drawdown, 1)}</td>
      <td className={`${styles.right} ${styles.lesser}`}>{test.n_trades ?? "–"}</td>
      <td className={`${styles.right} ${styles.lesser} ${styles.faint}`}>{window.n_trials.toLocaleString("en-US")}</td>
    </tr>
  );
}

const WIDTH = 400;
const HEIGHT = 24;

/** From what training showed to what the test showed; the numbers beside it say the same. */
function Dumbbell({ from, to, scale }: { readonly from: number | null; readonly to: number | null; readonly scale: Scale }) {
  const x = (value: number) => 8 + place(value, scale) * (WIDTH - 16);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={styles.dumbbell} aria-hidden="true" focusable="false">
      <path d={`M${x(0)} 0V${HEIGHT}`} className={styles.zero} />
      {from !== null && to !== null ? <path d={`M${x(from)} 12H${x(to)}`} className={styles.way} /> : null}
      {from === null ? null : (
        <>
          <path d={`M${x(from)} 12h0`} className={styles.ring} />
          <path d={`M${x(from)} 12h0`} className={styles.hole} />
        </>
      )}
      {to === null ? null : <path d={`M${x(to)} 12h0`} className={styles.full} data-side={to > 0 ? "gain" : "loss"} />}
    </svg>
  );
}

function Ticks({ scale }: { readonly scale: Scale }) {
  const marks = [...new Set([scale.low, 0, scale.high])];
  return (
    <span className={styles.ticks} aria-hidden="true">
      {marks.map((value) => (
        <span key={value} style={{ left: `calc(2% + ${place(value, scale) * 96}%)` }}>
          {formatSigned(value, 0)}
        </span>
      ))}
    </span>
  );
}
