import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ErrorNotice, SkeletonBlock } from "@/components/feedback";
import { openFetch, type SharedPair as Pair, sharedSpread } from "@/lib/api";

import { lookWords, pairStatistics } from "../pairStatistics";
import type { PairSearch } from "../search";
import styles from "./pair.module.css";
import { PairCharts } from "./PairCharts";
import { StatisticList } from "./StatisticList";

interface Props {
  readonly token: string;
  readonly pair: Pair;
  readonly search: PairSearch;
  readonly onSearch: (patch: Partial<PairSearch>, options?: { replace?: boolean }) => void;
}

/** A kept pair as a link shows it: its charts and the numbers of its fit. */
export function SharedPair({ token, pair, search, onSearch }: Props) {
  const { window } = search;
  const { data: spread, error, refetch } = useQuery({
    queryKey: ["shared", token, "spread", window],
    queryFn: ({ signal }) => sharedSpread({ path: { token }, query: { window }, signal, fetch: openFetch }),
  });
  const charted = useMemo(
    () => (spread ? { symbol_1: pair.symbol_1, symbol_2: pair.symbol_2, series: spread } : null),
    [pair, spread],
  );
  if (error) {
    return <ErrorNotice error={error} what="The pair's prices could not be loaded" onRetry={() => void refetch()} />;
  }
  if (!spread || !charted) return <SkeletonBlock height={560} label="Loading the pair" />;
  return (
    <>
      <p className={styles.verdict}>{lookWords(pair)}</p>
      <div className={styles.main}>
        <PairCharts
          charted={charted}
          fit={[spread.fit_start.slice(0, 10), spread.fit_end.slice(0, 10)]}
          window={spread.window}
          search={search}
          onSearch={onSearch}
        />
        <aside className={styles.panel} aria-label="Statistics">
          <StatisticList items={pairStatistics(pair, spread)} />
        </aside>
      </div>
    </>
  );
}
