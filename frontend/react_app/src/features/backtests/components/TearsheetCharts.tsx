import { Checkbox } from "@mantine/core";
import { useCallback, useMemo } from "react";

import { LinkedPanes, type VisibleRange } from "@/components/charts";
import { equityStack } from "@/components/performance";
import type { Backtest, Equity } from "@/lib/api";
import { runName } from "@/lib/backtests";

import type { RunSearch } from "../search";
import { tradeAt, tradeMarks, tradeOfMarker, type TradeBars } from "../tradeMarks";
import styles from "./backtests.module.css";
import type { SetRunSearch } from "./RunPage";

interface Props {
  readonly run: Backtest;
  readonly equity: Equity;
  readonly bars: readonly TradeBars[];
  readonly search: RunSearch;
  readonly onSearch: SetRunSearch;
  readonly onTrade: (trade: number | null) => void;
}

/** Equity, drawdown and rolling figures over one time axis, with every trade marked. */
export function TearsheetCharts({ run, equity, bars, search, onSearch, onTrade }: Props) {
  const stack = useMemo(() => equityStack(equity, { logarithmic: search.log ?? false, withBenchmark: search.benchmark ?? false }),
    [equity, search.log, search.benchmark],
  );
  const marks = useMemo(() => tradeMarks(bars, search.trade, equity.timestamps.length), [bars, search.trade, equity.timestamps.length]);
  const range = useMemo(() => ({ from: search.from, to: search.to }), [search.from, search.to]);
  const onRange = useCallback(({ from, to }: VisibleRange) => onSearch({ from, to }, { replace: true }), [onSearch]);
  const onPick = (bar: number, marker: string | null) => onTrade(tradeOfMarker(marker) ?? tradeAt(bars, bar));
  return (
    <div className={styles.charts}>
      <LinkedPanes
        title={`${runName(run)}: equity and drawdown`}
        fileName={`backtest-${run.id}`}
        stack={stack}
        range={range}
        onRange={onRange}
        tableShown={search.table ?? false}
        onTable={(shown) => onSearch({ table: shown || undefined }, { replace: true })}
        marks={marks}
        onPick={onPick}
      >
        <Checkbox
          label="Log scale"
          checked={search.log ?? false}
          onChange={(event) => onSearch({ log: event.currentTarget.checked || undefined }, { replace: true })}
        />
        <Checkbox
          label="Benchmark"
          checked={search.benchmark ?? false}
          onChange={(event) => onSearch({ benchmark: event.currentTarget.checked || undefined }, { replace: true })}
        />
        <span className={styles.muted}>▲ spread bought, ▼ sold, ● left</span>
      </LinkedPanes>
    </div>
  );
}
