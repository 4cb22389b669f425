import { useMemo } from "react";

import { LinkedPanes, type PaneStack } from "@/components/charts";
import type { Prices } from "@/lib/api";
import { formatNumber } from "@/lib/format";

import type { DataSearch } from "../search";

interface Props {
  prices: Prices;
  search: DataSearch;
  onSearch: (patch: Partial<DataSearch>, options?: { replace?: boolean }) => void;
}

const price = (value: number | null | undefined) => formatNumber(value, 2);

/** The closes of one symbol. Logarithmic, as decades of prices are: equal ratios, equal heights. */
export function PriceHistory({ prices, search, onSearch }: Props) {
  const { symbol, timestamps, close } = prices;
  const stack = useMemo<PaneStack>(
    () => ({
      timestamps,
      inSample: [],
      panes: [
        {
          id: "close",
          title: "Close, logarithmic scale",
          stretch: 1,
          logarithmic: true,
          format: price,
          lines: [{ id: "close", label: symbol, values: close, color: "leg1", format: price }],
        },
      ],
    }),
    [symbol, timestamps, close],
  );
  return (
    <LinkedPanes
      title={`Prices of ${symbol}`}
      stack={stack}
      range={{ from: search.from, to: search.to }}
      onRange={({ from, to }) => onSearch({ from, to }, { replace: true })}
      tableShown={search.table ?? false}
      onTable={(shown) => onSearch({ table: shown || undefined })}
      fileName={`${symbol}-prices`}
    />
  );
}
