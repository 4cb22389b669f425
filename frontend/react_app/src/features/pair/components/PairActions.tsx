import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { ErrorNotice } from "@/components/feedback";
import { ShareButton } from "@/components/share";
import { WatchStar } from "@/components/watch";
import type { PairAnalysis } from "@/lib/api";
import { useMay, useMe } from "@/lib/queries";
import { compact } from "@/lib/urlState";

import { useKeepAndWatch } from "../api/queries";
import type { PairSearch } from "../search";

interface Props {
  readonly analysis: PairAnalysis;
  readonly search: PairSearch;
}

/** What can be done with the pair on screen: one's own star on a kept pair, and a link to it; otherwise to keep it. */
export function PairActions({ analysis, search }: Props) {
  const { entry_z: entry } = useMe().preferences;
  const may = useMay("trading.add_tradingpair");
  const keep = useKeepAndWatch();
  const name = `${analysis.symbol_1.ticker} / ${analysis.symbol_2.ticker}`;
  const pair = keep.data?.id ?? analysis.pair_id;
  const legs = [analysis.symbol_1.ticker, analysis.symbol_2.ticker] as const;
  const backtest = (
    <>
      <BacktestButton legs={legs} />
      <OptimiseButton legs={legs} />
    </>
  );
  if (pair !== null) {
    return (
      <>
        {backtest}
        <ShareButton kind="pair" objectId={pair} title={name} view={sharedView(search, entry)} />
        <WatchStar pair={pair} name={name} labelled />
      </>
    );
  }
  if (!may) return backtest;
  const { symbol_1, symbol_2, start_date, end_date, timeframe, trend } = analysis;
  return (
    <>
      {backtest}
      {keep.error ? <ErrorNotice error={keep.error} what="The pair is not watched" /> : null}
      <Button
        variant="default"
        loading={keep.isPending}
        title="Keeps the pair, fitted over the window on screen, and puts it on your Dashboard"
        onClick={() =>
          keep.mutate({
            symbol_1: symbol_1.ticker,
            symbol_2: symbol_2.ticker,
            start_date: start_date.slice(0, 10),
            end_date: end_date.slice(0, 10),
            timeframe,
            trend,
          })
        }
      >
        Watch this pair
      </Button>
    </>
  );
}

/** To the form of a backtest, filled in with these legs. */
function BacktestButton({ legs: [symbol_1, symbol_2] }: { readonly legs: readonly [string, string] }) {
  if (!useMay("trading.add_backtestrun")) return null;
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/backtests/new" search={{ symbol_1, symbol_2 }} {...props} />}>
      Backtest
    </Button>
  );
}

/** To the form of a sweep or a search, filled in with these legs. */
function OptimiseButton({ legs: [symbol_1, symbol_2] }: { readonly legs: readonly [string, string] }) {
  if (!useMay("trading.add_sweep")) return null;
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/sweeps" search={{ symbol_1, symbol_2 }} {...props} />}>
      Optimise
    </Button>
  );
}

/** What a link keeps of what is seen: how the charts are drawn; legs and fit are the kept pair's own. */
function sharedView({ window, from, to, scale, k, table }: PairSearch, entry: number): PairSearch {
  return compact({ window, from, to, scale, k: k ?? entry, table });
}
