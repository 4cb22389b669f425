import { SegmentedControl } from "@mantine/core";
import { useMemo } from "react";

import type { PairAnalysis } from "@/lib/api";
import { formatNumber } from "@/lib/format";
import { useMay, useMe } from "@/lib/queries";

import { PAIR_DEFAULTS, type PairPanel, type PairSearch } from "../search";
import { directions, statistics } from "../statistics";
import { usePairMarks } from "../usePairMarks";
import styles from "./pair.module.css";
import { PairCharts } from "./PairCharts";
import type { SetSearch } from "./PairPage";
import { RulePanel } from "./RulePanel";
import { SignalsPanel } from "./SignalsPanel";
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

const PANELS: { value: PairPanel | "statistics"; label: string }[] = [
  { value: "statistics", label: "Statistics" },
  { value: "rule", label: "Try a rule" },
  { value: "signals", label: "Signals" },
];

/** The verdict, the linked charts, and beside them the numbers, a rule to try, or the signals. */
export function AnalysisView({ analysis, judged, search, onSearch, stale }: Props) {
  const { entry_z: entry, exit_z: exit } = useMe().preferences;
  const mayTry = useMay("trading.add_backtestrun");
  const panels = PANELS.filter(({ value }) => value !== "rule" || mayTry);
  const panel = panels.some(({ value }) => value === search.panel) ? search.panel : undefined;
  const marked = usePairMarks(analysis, search, onSearch, panel);
  const window = marked.window ?? search.window ?? PAIR_DEFAULTS.window;

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
          redraw={marked.redraw}
          marks={marked.marks}
          onPick={marked.onPick}
        />
        <aside className={styles.panel} aria-label={PANELS.find(({ value }) => value === (panel ?? "statistics"))?.label}>
          <SegmentedControl
            fullWidth
            aria-label="Beside the charts"
            data={panels}
            value={panel ?? "statistics"}
            onChange={(value) => onSearch({ panel: value === "statistics" ? undefined : (value) }, { replace: true })}
          />
          {panel === "rule" ? (
            <RulePanel legs={marked.legs} tried={marked.rule} trades={marked.trades} chosen={marked.chosen} onChoose={marked.choose} />
          ) : panel === "signals" ? (
            <SignalsPanel pair={analysis.pair_id} query={marked.signals} chosen={marked.chosen} onChoose={marked.choose} />
          ) : (
            <Numbers analysis={analysis} search={search} window={window} />
          )}
        </aside>
      </div>
    </>
  );
}

function Numbers({ analysis, search, window }: Pick<Props, "analysis" | "search"> & { readonly window: number }) {
  const items = useMemo(() => statistics(analysis, window), [analysis, window]);
  return (
    <>
      <StatisticList items={items} />
      <section>
        <h2 className={styles.heading}>Both directions</h2>
        <Directions rows={directions(analysis)} />
        <p className={styles.caption}>{checksWords(analysis, search)}</p>
      </section>
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
