import { useCallback, useMemo } from "react";

import { LinkedPanes, type ChartMarks, type VisibleRange } from "@/components/charts";
import { equityStack } from "@/components/performance";
import type { WalkForward, WalkForwardEquity } from "@/lib/api";

import type { WalkForwardSearch } from "../search";
import type { SetSearch } from "./WalkForwardPage";

interface Props {
  readonly run: WalkForward;
  readonly equity: WalkForwardEquity;
  readonly chosen: number | null;
  readonly search: WalkForwardSearch;
  readonly onSearch: SetSearch;
  readonly onChoose: (window: number | undefined) => void;
}

/** The account through all tests; the chosen window is tinted, and a click chooses the one at the bar. */
export function EquityPanes({ run, equity, chosen, search, onSearch, onChoose }: Props) {
  const stack = useMemo(() => equityStack(equity), [equity]);
  const range = useMemo(() => ({ from: search.from, to: search.to }), [search.from, search.to]);
  const marks = useMemo<ChartMarks>(() => {
    const span = equity.windows.find(({ number }) => number === chosen);
    return { markers: [], chosen, span: span ? { first: span.first, last: span.last } : null };
  }, [equity.windows, chosen]);
  const onRange = useCallback(({ from, to }: VisibleRange) => onSearch({ from, to }, { replace: true }), [onSearch]);
  const onPick = useCallback(
    (bar: number) => onChoose(equity.windows.find(({ first, last }) => first <= bar && bar <= last)?.number),
    [equity.windows, onChoose],
  );
  return (
    <LinkedPanes
      title="The account through all tests"
      fileName={`walk-forward-${run.id}`}
      stack={stack}
      range={range}
      onRange={onRange}
      marks={marks}
      onPick={onPick}
      tableShown={search.table ?? false}
      onTable={(shown) => onSearch({ table: shown || undefined }, { replace: true })}
    />
  );
}
