import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { ChosenPair, WalkForwardWindow } from "@/lib/api";
import { formatBarDate, formatCount, formatHalfLife, formatNumber, formatPValue, formatSigned, plural } from "@/lib/format";

import { parameterWords } from "../words";
import styles from "./walk.module.css";

interface Props {
  readonly window: WalkForwardWindow;
  readonly windows: readonly WalkForwardWindow[];
  readonly onChoose: (window: number | undefined) => void;
}

/** The pairs one window chose: what its training said of each, and what its test earned. */
export function WindowPairs({ window, windows, onChoose }: Props) {
  const at = windows.findIndex(({ number }) => number === window.number);
  const [before, after] = [windows[at - 1], windows[at + 1]];
  return (
    <section aria-labelledby="window-pairs">
      <div className={styles.pairsHead}>
        <h2 id="window-pairs">
          Pairs of window {at + 1}: test {formatBarDate(window.test_start)} – {formatBarDate(window.test_end)}
        </h2>
        <Button variant="default" disabled={!before} onClick={() => onChoose(before?.number)}>
          Earlier
        </Button>
        <Button variant="default" disabled={!after} onClick={() => onChoose(after?.number)}>
          Later
        </Button>
      </div>
      <div className={styles.scroller}>
        <table className={styles.small} aria-label="Pairs of the window">
          <thead>
            <tr>
              <th scope="col">Pair</th>
              <th scope="col" className={styles.right}>
                p
              </th>
              <th scope="col" className={styles.right}>
                Half-life
              </th>
              <th scope="col" className={styles.right}>
                Hedge
              </th>
              <th scope="col">Chosen</th>
              <th scope="col" className={styles.right}>
                Training
              </th>
              <th scope="col" className={styles.right}>
                Test
              </th>
              <th scope="col" className={styles.right}>
                Net
              </th>
              <th scope="col" className={styles.right}>
                Trades
              </th>
            </tr>
          </thead>
          <tbody>
            {window.pairs.map((pair) => (
              <PairLine key={`${pair.symbol_1}/${pair.symbol_2}`} pair={pair} window={window} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.muted}>
        {window.pairs.length === 0 ? "No pair was chosen: the account stood still. " : ""}
        {window.n_tests > 0 ? `Chosen of ${plural(window.n_tests, "tested pair")}; ${formatCount(window.n_discoveries)} survive the correction. ` : ""}
        Trained {formatBarDate(window.train_start)} – {formatBarDate(window.train_end)}.
        {window.skipped.map(({ pair, reason }) => ` ${pair} was left out: ${reason}`)}
      </p>
    </section>
  );
}

function PairLine({ pair, window }: { readonly pair: ChosenPair; readonly window: WalkForwardWindow }) {
  const { symbol_1, symbol_2 } = pair;
  const days = { start_date: formatBarDate(window.train_start), end_date: formatBarDate(window.train_end) };
  return (
    <tr>
      <th scope="row">
        <Link to="/pair" search={{ symbol_1, symbol_2, ...days }} title="Analyse the pair over the training window">
          {symbol_1} / {symbol_2}
        </Link>
      </th>
      <td className={styles.right}>{formatPValue(pair.pvalue)}</td>
      <td className={styles.right}>{formatHalfLife(pair.half_life)}</td>
      <td className={styles.right}>{formatNumber(pair.hedge_ratio)}</td>
      <td>{parameterWords(pair.parameters)}</td>
      <td className={`${styles.right} ${styles.faint}`}>{formatSigned(pair.in_sample_sharpe)}</td>
      <td className={`${styles.right} ${styles.strong}`}>{formatSigned(pair.sharpe)}</td>
      <td className={styles.right}>{formatSigned(pair.net_pnl, 0)}</td>
      <td className={styles.right}>{pair.n_trades}</td>
    </tr>
  );
}
