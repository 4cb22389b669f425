import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import { LinkedPanes, type VisibleRange } from "@/components/charts";
import { EmptyState, ErrorNotice, SkeletonBlock } from "@/components/feedback";
import { Page } from "@/components/page";
import type { Comparison } from "@/lib/api";
import { plural } from "@/lib/format";

import { comparisonQuery } from "../api/queries";
import { overlayStack } from "../compareRows";
import { formatIds, parseIds, type CompareSearch } from "../search";
import styles from "./backtests.module.css";
import { Differences, DifferingSettings, RunsTable } from "./CompareTables";

interface Props {
  readonly search: CompareSearch;
  readonly onSearch: (patch: Partial<CompareSearch>, options?: { replace?: boolean }) => void;
}

/** Up to eight backtests side by side: one overlay, what differs, and whether the difference is more than luck. */
export function ComparePage({ search, onSearch }: Props) {
  const ids = useMemo(() => parseIds(search.runs), [search.runs]);
  const { data, error, refetch } = useQuery(comparisonQuery(ids));
  const drop = (id: number) => onSearch({ runs: formatIds(ids.filter((each) => each !== id)) });
  return (
    <Page
      title="Compare backtests"
      note={data ? plural(data.runs.length, "run") : null}
      actions={
        <Button variant="default" renderRoot={(props) => <Link to="/backtests" search={{ selected: search.runs }} {...props} />}>
          Choose others
        </Button>
      }
    >
      {ids.length < 2 ? (
        <EmptyState title="Two runs at least">
          <Link to="/backtests">Select two to eight finished backtests</Link> and press Compare.
        </EmptyState>
      ) : error ? (
        <ErrorNotice error={error} what="The runs could not be compared" onRetry={() => void refetch()} />
      ) : data ? (
        <Compared comparison={data} search={search} onSearch={onSearch} onDrop={ids.length > 2 ? drop : undefined} />
      ) : (
        <SkeletonBlock height={520} label="Comparing" />
      )}
    </Page>
  );
}

interface ComparedProps extends Props {
  readonly comparison: Comparison;
  readonly onDrop: ((id: number) => void) | undefined;
}

function Compared({ comparison, search, onSearch, onDrop }: ComparedProps) {
  const stack = useMemo(() => overlayStack(comparison), [comparison]);
  const range = useMemo(() => ({ from: search.from, to: search.to }), [search.from, search.to]);
  const onRange = useCallback(({ from, to }: VisibleRange) => onSearch({ from, to }, { replace: true }), [onSearch]);
  return (
    <>
      <RunsTable runs={comparison.runs} onDrop={onDrop} />
      <div className={styles.overlay}>
        <LinkedPanes
          title="Equity of the runs"
          fileName="comparison"
          stack={stack}
          range={range}
          onRange={onRange}
          tableShown={search.table ?? false}
          onTable={(shown) => onSearch({ table: shown || undefined }, { replace: true })}
        />
      </div>
      <div className={`${styles.parts} ${styles.compared}`}>
        <DifferingSettings comparison={comparison} />
        <Differences comparison={comparison} />
      </div>
    </>
  );
}
