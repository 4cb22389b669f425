import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn, type TableOrder } from "@/components/table";
import { download, type CombinationRow, type Sweep } from "@/lib/api";
import { formatCount } from "@/lib/format";
import { combinationsQuery } from "@/lib/queries";
import { parameterWords, settingValue, settingWords } from "@/lib/settingWords";

import { METRICS, type MetricName } from "../metrics";
import type { SweepSearch } from "../search";
import { settingsOf } from "../words";
import type { SetSweepSearch } from "./SweepPage";
import styles from "./sweeps.module.css";

interface Props {
  readonly sweep: Sweep;
  readonly search: SweepSearch;
  readonly onSearch: SetSweepSearch;
}

const SHOWN: readonly MetricName[] = [
  "sharpe_ratio", "plateau", "probability", "total_return", "annual_return", "maximum_drawdown", "n_trades", "win_rate", "volatility",
  "sortino_ratio", "calmar_ratio", "profit_factor", "expectancy", "holding_time", "exposure", "costs",
]; // prettier-ignore
const HIDDEN: readonly string[] = ["annual_return", "volatility", "sortino_ratio", "calmar_ratio", "profit_factor", "expectancy", "holding_time", "exposure", "costs", "win_rate"];
const USUAL = "-probability";
const NONE: CombinationRow[] = [];

function columnsOf(settings: readonly string[]): DataColumn<CombinationRow>[] {
  return [
    { id: "number", header: "No.", explain: "In the order they were tried.", width: 56, align: "right", hideable: false, value: ({ number }) => number },
    ...settings.map((name) => ({
      id: name,
      header: settingWords(name),
      width: 88,
      grow: 1,
      align: "right" as const,
      value: ({ parameters }: CombinationRow) => parameters[name] ?? null,
      cell: ({ parameters }: CombinationRow) => settingValue(parameters[name]),
    })),
    ...SHOWN.map((name) => {
      const { label, explain, show } = METRICS[name];
      return {
        id: name,
        header: name === "sharpe_ratio" ? "Sharpe" : label,
        explain,
        width: name === "probability" ? 104 : 84,
        align: "right" as const,
        firstSort: "descending" as const,
        value: (row: CombinationRow) => row[name],
        cell: (row: CombinationRow) => show(row[name]),
      };
    }),
  ];
}

const orderOf = (text: string): TableOrder => ({ column: text.replace(/^-/, ""), descending: text.startsWith("-") });

/** Every combination with its figures; the server orders them, and they come as one scrolls. */
export function CombinationTable({ sweep, search, onSearch }: Props) {
  const settings = useMemo(() => settingsOf(sweep), [sweep]);
  const columns = useMemo(() => columnsOf(settings), [settings]);
  const asked = search.order ?? USUAL;
  const ordering = columns.some(({ id }) => id === asked.replace(/^-/, "")) ? asked : USUAL;
  const found = useInfiniteQuery(combinationsQuery(sweep.id, ordering));
  const rows = useMemo(() => found.data?.pages.flatMap(({ results }) => results) ?? NONE, [found.data]);
  const total = found.data?.pages[0]?.count ?? sweep.n_combinations;
  return (
    <section aria-label="Combinations" className={styles.table}>
      <DataTable
        label="Combinations"
        layoutKey="sweep-combinations"
        columns={columns}
        rows={rows}
        rowId={({ number }) => String(number)}
        rowLabel={({ parameters }) => parameterWords(parameters)}
        usuallyHidden={HIDDEN}
        order={orderOf(ordering)}
        onOrderChange={(order) => onSearch({ order: order === null ? undefined : `${order.descending ? "-" : ""}${order.column}` }, { replace: true })}
        serverSorted
        filterKey={ordering}
        total={total}
        onEndNear={() => {
          if (found.hasNextPage && !found.isFetchingNextPage) void found.fetchNextPage();
        }}
        current={search.chosen === undefined ? null : String(search.chosen)}
        onCurrent={({ number }) => onSearch({ chosen: number }, { replace: true })}
        loading={found.isPending}
        error={found.error ? <ErrorNotice error={found.error} what="The combinations could not be loaded" onRetry={() => void found.refetch()} /> : null}
        empty="No combination."
        csvName={`sweep-${sweep.id}-combinations.csv`}
        onExport={() => void download(`/api/v1/sweeps/${sweep.id}/combinations.csv/?ordering=${ordering}`, `sweep-${sweep.id}-combinations.csv`)}
        height={420}
        toolbar={<h2>{formatCount(total)} combinations</h2>}
      />
    </section>
  );
}
