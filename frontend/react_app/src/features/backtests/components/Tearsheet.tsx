import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";

import { ErrorNotice, SkeletonBlock } from "@/components/feedback";
import { OverfittingPanel } from "@/components/overfitting";
import { CostBars, MetricList, MonthlyTable, ratioWords } from "@/components/performance";
import { Ago } from "@/components/time";
import { download, type Backtest, type Equity, type Results } from "@/lib/api";
import { plural } from "@/lib/format";
import { backtestEquityQuery, backtestResultsQuery } from "@/lib/queries";

import { tradesQuery, type Trades } from "../api/queries";
import { luckWords } from "../runWords";
import type { RunSearch } from "../search";
import { tradeBars } from "../tradeMarks";
import styles from "./backtests.module.css";
import { RunFacts } from "./RunFacts";
import type { SetRunSearch } from "./RunPage";
import { TearsheetCharts } from "./TearsheetCharts";
import { TradeTable } from "./TradeTable";

interface Props {
  readonly run: Backtest;
  readonly search: RunSearch;
  readonly onSearch: SetRunSearch;
}

/** The tearsheet of one's own run. */
export function Tearsheet(props: Props) {
  const { id } = props.run;
  return (
    <TearsheetView
      {...props}
      results={useQuery(backtestResultsQuery(id))}
      equity={useQuery(backtestEquityQuery(id))}
      trades={useQuery(tradesQuery(id))}
      onTradesFile={() => void download(`/api/v1/backtests/${id}/trades.csv/`, `backtest-${id}-trades.csv`)}
    />
  );
}

interface ViewProps extends Props {
  readonly results: UseQueryResult<Results>;
  readonly equity: UseQueryResult<Equity>;
  readonly trades: UseQueryResult<Trades>;
  /** Downloads all trades; without it the reader has no account, and gets what is on screen. */
  readonly onTradesFile?: () => void;
}

/** What came of a backtest: the judgement first, then the account with its trades, then where the money went. */
export function TearsheetView({ run, search, onSearch, results, equity, trades, onTradesFile }: ViewProps) {
  const bars = useMemo(
    () => (equity.data && trades.data ? tradeBars(trades.data.trades, equity.data.timestamps) : []),
    [equity.data, trades.data],
  );
  const choose = (trade: number | null) => onSearch({ trade: trade ?? undefined }, { replace: true });
  return (
    <>
      {results.data ? <Judgement run={run} results={results.data} /> : null}
      <div className={styles.main}>
        <div className={styles.linked}>
          {equity.data ? (
            <TearsheetCharts run={run} equity={equity.data} bars={bars} search={search} onSearch={onSearch} onTrade={choose} />
          ) : equity.error ? (
            <ErrorNotice error={equity.error} what="The equity could not be loaded" onRetry={() => void equity.refetch()} />
          ) : (
            <SkeletonBlock height={480} label="Loading the equity" />
          )}
          <TradeTable
            run={run}
            trades={trades.data?.trades}
            total={trades.data?.count}
            error={trades.error}
            onRetry={() => void trades.refetch()}
            chosen={search.trade}
            onTrade={choose}
            onFile={onTradesFile}
          />
        </div>
        <aside className={styles.panel} aria-label="Figures">
          {results.data ? (
            <MetricList metrics={results.data.metrics} />
          ) : results.error ? (
            <ErrorNotice error={results.error} what="The figures could not be loaded" onRetry={() => void results.refetch()} />
          ) : (
            <SkeletonBlock height={480} label="Loading the figures" />
          )}
        </aside>
      </div>
      {results.data ? (
        <>
          <Parts results={results.data} />
          <section aria-labelledby="luck" className={styles.lucky}>
            <h2 id="luck">How much of it is luck?</h2>
            <OverfittingPanel results={results.data} nBars={results.data.metrics.total_return?.n ?? null} barsAYear={run.periods_per_year} />
          </section>
        </>
      ) : null}
      <RunFacts run={run} signedIn={onTradesFile !== undefined} />
    </>
  );
}

/** The Sharpe ratio and how much of it is luck, in one breath; then what to know before believing any of it. */
function Judgement({ run, results: { metrics, deflated, warnings } }: { readonly run: Backtest; readonly results: Results }) {
  const sharpe = metrics.sharpe_ratio;
  const said = [...new Set([...run.warnings, ...warnings])];
  return (
    <section className={styles.summary} aria-label="Judgement">
      <p className={styles.verdict}>
        Sharpe ratio {ratioWords(sharpe)}
        {sharpe ? ` on ${plural(sharpe.n, "bar")}` : ""}. <span className={styles.luck}>{deflated ? luckWords(deflated) : ""}</span>
      </p>
      {run.data_changed ? (
        <p className={styles.warning}>Prices have changed since this run. Its numbers stand for the data it ran on.</p>
      ) : null}
      {run.causality ? (
        <p className={run.causality.is_causal ? styles.muted : styles.warning}>
          Look-ahead, checked <Ago at={run.causality.at} />: {run.causality.words}
        </p>
      ) : null}
      {run.rerun ? (
        <p className={run.rerun.identical ? styles.muted : styles.warning}>
          Run again <Ago at={run.rerun.at} />: {run.rerun.identical ? "equity and trades are the same to the last bit." : "equity or trades are not the same bits."}
        </p>
      ) : null}
      {said.length === 0 ? null : (
        <ul className={styles.warnings} aria-label="Warnings">
          {said.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Month by month, and from gross to net. */
function Parts({ results: { monthly, costs } }: { readonly results: Results }) {
  return (
    <div className={styles.parts}>
      {monthly && monthly.years.length > 0 ? (
        <section aria-labelledby="months">
          <h2 id="months">Months</h2>
          <MonthlyTable monthly={monthly} />
        </section>
      ) : null}
      {costs ? (
        <section aria-labelledby="costs">
          <h2 id="costs">Where the profit went</h2>
          <CostBars costs={costs} />
        </section>
      ) : null}
    </div>
  );
}
