import { Button } from "@mantine/core";

import { ErrorNotice } from "@/components/feedback";
import type { PairAnalysis } from "@/lib/api";
import { useMay } from "@/lib/queries";

import { useWatch } from "../api/queries";
import styles from "./pair.module.css";

/** Registers the pair for everyone, fitted over the window on screen; says so when it already is. */
export function WatchButton({ analysis }: { readonly analysis: PairAnalysis }) {
  const may = useMay("trading.add_tradingpair");
  const watch = useWatch();
  const pair = watch.data?.id ?? analysis.pair_id;
  if (pair !== null) return <span className={styles.watched} role="status">Watched as pair {pair}</span>;
  if (!may) return null;
  const { symbol_1, symbol_2, start_date, end_date, timeframe, trend } = analysis;
  return (
    <>
      {watch.error ? <ErrorNotice error={watch.error} what="The pair is not watched" /> : null}
      <Button
        variant="default"
        loading={watch.isPending}
        onClick={() =>
          watch.mutate({
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
