import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useCallback, useMemo } from "react";

import { LinkedPanes, type VisibleRange } from "@/components/charts";
import type { PairAnalysis } from "@/lib/api";
import { formatNumber } from "@/lib/format";

import { pairStack, sampleWords } from "../pairStack";
import { PAIR_DEFAULTS, type PairSearch } from "../search";
import { directions, statistics } from "../statistics";
import styles from "./pair.module.css";
import type { SetSearch } from "./PairPage";
import { Directions, StatisticList } from "./StatisticList";

interface Props {
  readonly analysis: PairAnalysis;
  /** A scan's judgement stands first: this look is one of its many. */
  readonly judged: boolean;
  readonly search: PairSearch;
  readonly onSearch: SetSearch;
  /** Shows the last analysis while the next is on its way. */
  readonly stale: boolean;
}

const LEVELS = ["1", "1.5", "2", "2.5", "3"];

/** The verdict, the linked charts, and the numbers. */
export function AnalysisView({ analysis, judged, search, onSearch, stale }: Props) {
  const scale = search.scale ?? PAIR_DEFAULTS.scale;
  const k = search.k ?? PAIR_DEFAULTS.k;
  const window = search.window ?? PAIR_DEFAULTS.window;
  const stack = useMemo(() => pairStack(analysis, { scale, k, window }), [analysis, scale, k, window]);
  const items = useMemo(() => statistics(analysis, window), [analysis, window]);
  const range = useMemo(() => ({ from: search.from, to: search.to }), [search.from, search.to]);
  const onRange = useCallback(
    ({ from, to }: VisibleRange) => onSearch({ from, to }, { replace: true }),
    [onSearch],
  );
  const names = `${analysis.symbol_1.ticker} / ${analysis.symbol_2.ticker}`;
  const levels = LEVELS.includes(String(k)) ? LEVELS : [...LEVELS, String(k)];

  return (
    <>
      <p className={judged ? styles.oneLook : styles.verdict}>
        {judged ? "Looked at alone: " : ""}
        {analysis.verdict}
      </p>
      <div className={`${styles.main ?? ""} ${stale ? (styles.fading ?? "") : ""}`} aria-busy={stale}>
        <div className={styles.charts}>
          <LinkedPanes
            title={`${names}: prices, spread and z-score`}
            fileName={`${analysis.symbol_1.ticker}-${analysis.symbol_2.ticker}`}
            stack={stack}
            range={range}
            onRange={onRange}
            tableShown={search.table ?? false}
            onTable={(shown) => onSearch({ table: shown || undefined }, { replace: true })}
          >
            <SegmentedControl
              aria-label="Price scale"
              data={[
                { value: "rebased", label: "Rebased to 100" },
                { value: "prices", label: "Two scales" },
              ]}
              value={scale}
              onChange={(value) =>
                onSearch({ scale: value === PAIR_DEFAULTS.scale ? undefined : (value) }, { replace: true })
              }
            />
            <NativeSelect
              aria-label="Bands and entry lines"
              data={levels.map((value) => ({ value, label: `±${value}σ` }))}
              value={String(k)}
              onChange={(event) => {
                const next = Number(event.currentTarget.value);
                onSearch({ k: next === PAIR_DEFAULTS.k ? undefined : next }, { replace: true });
              }}
            />
          </LinkedPanes>
          <p className={styles.caption}>
            {sampleWords(analysis.series.in_sample, analysis.start_date.slice(0, 10), analysis.end_date.slice(0, 10))}
          </p>
        </div>
        <aside className={styles.panel} aria-label="Statistics">
          <StatisticList items={items} />
          <section>
            <h2 className={styles.heading}>Both directions</h2>
            <Directions rows={directions(analysis)} />
            <p className={styles.caption}>{checksWords(analysis, search)}</p>
          </section>
        </aside>
      </div>
    </>
  );
}

/** Whether the correlation asked for is reached. */
function checksWords(analysis: PairAnalysis, search: PairSearch): string {
  const least = formatNumber(search.min_correlation ?? PAIR_DEFAULTS.min_correlation, 2);
  return analysis.passes_correlation
    ? `Correlation reaches the ${least} asked for.`
    : `Correlation stays below the ${least} asked for.`;
}
