import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useCallback, useMemo } from "react";

import { LinkedPanes, type ChartMarks, type PaneStack, type VisibleRange } from "@/components/charts";

import { pairStack, sampleWords, type Charted } from "../pairStack";
import { withWindow } from "../ruleStack";
import { PAIR_DEFAULTS, type PairSearch } from "../search";
import styles from "./pair.module.css";

interface Props {
  readonly charted: Charted;
  /** First and last day of the fit. */
  readonly fit: readonly [string, string];
  /** Bars of the trailing z-score. */
  readonly window: number;
  /** Levels where the address names none: one's preferences, or the usual ones. */
  readonly entry?: number;
  readonly exit?: number;
  readonly search: PairSearch;
  readonly onSearch: (patch: Partial<PairSearch>, options?: { replace?: boolean }) => void;
  /** What a rule that is tried adds to the panes. */
  readonly redraw?: (stack: PaneStack) => PaneStack;
  readonly marks?: ChartMarks;
  readonly onPick?: (bar: number, marker: string | null) => void;
}

const LEVELS = ["1", "1.5", "2", "2.5", "3"];
const SCALES = [
  { value: "rebased", label: "Rebased to 100" },
  { value: "prices", label: "Two scales" },
];

/** Prices, spread and z-score of a pair, with the controls of how they are drawn. */
export function PairCharts({ charted, fit, window, entry = PAIR_DEFAULTS.k, exit, search, onSearch, redraw, marks, onPick }: Props) {
  const scale = search.scale ?? PAIR_DEFAULTS.scale;
  const k = search.k ?? entry;
  const redrawn = redraw !== undefined;
  const own = useMemo(
    () => pairStack(redrawn ? withWindow(charted, window) : charted, { scale, k, exit, window }),
    [charted, redrawn, scale, k, exit, window],
  );
  const stack = useMemo(() => redraw?.(own) ?? own, [own, redraw]);
  const range = useMemo(() => ({ from: search.from, to: search.to }), [search.from, search.to]);
  const onRange = useCallback(
    ({ from, to }: VisibleRange) => onSearch({ from, to }, { replace: true }),
    [onSearch],
  );
  const [first, second] = [charted.symbol_1.ticker, charted.symbol_2.ticker];
  const levels = [...new Set([...LEVELS, String(entry), String(k)])].sort((a, b) => Number(a) - Number(b));
  return (
    <div className={styles.charts}>
      <LinkedPanes
        title={`${first} / ${second}: prices, spread and z-score`}
        fileName={`${first}-${second}`}
        stack={stack}
        range={range}
        onRange={onRange}
        marks={marks}
        onPick={onPick}
        tableShown={search.table ?? false}
        onTable={(shown) => onSearch({ table: shown || undefined }, { replace: true })}
      >
        <SegmentedControl
          aria-label="Price scale"
          data={SCALES}
          value={scale}
          onChange={(value) => onSearch({ scale: value === "prices" ? value : undefined }, { replace: true })}
        />
        <NativeSelect
          aria-label="Bands and entry lines"
          data={levels.map((value) => ({ value, label: `±${value}σ` }))}
          value={String(k)}
          onChange={(event) => {
            const next = Number(event.currentTarget.value);
            onSearch({ k: next === entry ? undefined : next }, { replace: true });
          }}
        />
      </LinkedPanes>
      <p className={styles.caption}>{sampleWords(charted.series.in_sample, ...fit)}</p>
    </div>
  );
}
