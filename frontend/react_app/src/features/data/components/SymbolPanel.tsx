import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { EmptyState, ErrorNotice, SkeletonBlock } from "@/components/feedback";
import type { Symbol } from "@/lib/api";
import { formatBarDate } from "@/lib/format";
import { pricesQuery } from "@/lib/queries";

import type { DataSearch } from "../search";
import { Delisting } from "./Delisting";
import styles from "./data.module.css";
import { adjustmentWords, sourceWords } from "./words";

const PriceHistory = lazy(async () => ({ default: (await import("./PriceHistory")).PriceHistory }));

interface Props {
  ticker: string;
  /** Undefined while the symbols are on their way, and for a ticker nobody knows. */
  symbol: Symbol | undefined;
  waiting: boolean;
  search: DataSearch;
  onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
  onClose: () => void;
}

/** One symbol's prices, beside the table it was chosen in. */
export function SymbolPanel({ ticker, symbol, waiting, search, onSearch, onClose }: Props) {
  return (
    <section className={styles.panel} aria-label={`Prices of ${ticker}`}>
      <div className={styles.panelHead}>
        <h2>{ticker}</h2>
        <span>{symbol?.name}</span>
        <CloseButton size="sm" aria-label={`Close the prices of ${ticker}`} onClick={onClose} />
      </div>
      {symbol ? <Prices symbol={symbol} search={search} onSearch={onSearch} /> : null}
      {!symbol && waiting ? <SkeletonBlock height={280} label="Loading the prices" /> : null}
      {!symbol && !waiting ? (
        <EmptyState title={`${ticker} is not in this list`}>
          It may be in another universe, or filtered out by the search.
        </EmptyState>
      ) : null}
    </section>
  );
}

function Prices({ symbol, search, onSearch }: Pick<Props, "search" | "onSearch"> & { symbol: Symbol }) {
  const { data, isPending, error, refetch } = useQuery(pricesQuery(symbol.id));
  if (error) {
    const what = `The prices of ${symbol.ticker} could not be loaded`;
    return <ErrorNotice error={error} what={what} onRetry={() => void refetch()} />;
  }
  if (isPending) return <SkeletonBlock height={280} label="Loading the prices" />;
  const last = data.timestamps.at(-1);
  if (last === undefined) {
    return <EmptyState title="No bars">No price of {symbol.ticker} has been brought in yet.</EmptyState>;
  }
  return (
    <>
      <p className={styles.panelNote}>
        Daily closes in {symbol.currency}, {adjustmentWords(data.adjustment)}, from {sourceWords(data.source)};{" "}
        {formatBarDate(data.timestamps[0])} to {formatBarDate(last)}
      </p>
      <Delisting symbol={symbol} />
      <div className={styles.chart}>
        <Suspense fallback={<SkeletonBlock height="100%" label="Loading the chart" />}>
          <PriceHistory prices={data} search={search} onSearch={onSearch} />
        </Suspense>
      </div>
    </>
  );
}
