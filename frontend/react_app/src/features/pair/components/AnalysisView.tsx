import { useMemo } from "react";

import type { PairAnalysis } from "@/lib/api";
import { formatNumber } from "@/lib/format";
import { useMe } from "@/lib/queries";

import { PAIR_DEFAULTS, type PairSearch } from "../search";
import { directions, statistics } from "../statistics";
import styles from "./pair.module.css";
import { PairCharts } from "./PairCharts";
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

/** The verdict, the linked charts, and the numbers. */
export function AnalysisView({ analysis, judged, search, onSearch, stale }: Props) {
  const window = search.window ?? PAIR_DEFAULTS.window;
  const { entry_z: entry, exit_z: exit } = useMe().preferences;
  const items = useMemo(() => statistics(analysis, window), [analysis, window]);

  return (
    <>
      <p className={judged ? styles.oneLook : styles.verdict}>
        {judged ? "Looked at alone: " : ""}
        {analysis.verdict}
      </p>
      <div className={`${styles.main ?? ""} ${stale ? (styles.fading ?? "") : ""}`} aria-busy={stale}>
        <PairCharts
          charted={analysis}
          fit={[analysis.start_date.slice(0, 10), analysis.end_date.slice(0, 10)]}
          window={window}
          entry={entry}
          exit={exit}
          search={search}
          onSearch={onSearch}
        />
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
