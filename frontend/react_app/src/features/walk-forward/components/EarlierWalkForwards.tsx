import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { ErrorNotice } from "@/components/feedback";
import { DataTable, Sparkline, type DataColumn } from "@/components/table";
import { Ago } from "@/components/time";
import type { WalkForward } from "@/lib/api";
import { formatSigned, formatSure } from "@/lib/format";
import { walkForwardsQuery } from "@/lib/queries";

import { isUnderWay, ratioWords, stateWords, walkName } from "../words";

const COLUMNS: readonly DataColumn<WalkForward>[] = [
  {
    id: "id",
    header: "No.",
    width: 40,
    align: "right",
    firstSort: "descending",
    hideable: false,
    value: ({ id }) => id,
  },
  {
    id: "name",
    header: "Walk-forward",
    width: 160,
    grow: 1,
    hideable: false,
    value: walkName,
    cell: (run) => (
      <Link to="/walk-forwards/$run" params={{ run: run.id }} search={{}} tabIndex={-1} title={walkName(run)}>
        {walkName(run)}
      </Link>
    ),
  },
  {
    id: "equity",
    header: "Tests",
    explain: "The account through all tests, one after the other.",
    width: 104,
    value: (run) => run.sparkline.at(-1) ?? null,
    cell: (run) => (run.completed_at ? <Sparkline values={run.sparkline} width={88} /> : stateWords(run)),
  },
  {
    id: "in_sample",
    header: "Training",
    explain: "Sharpe ratio in training, mean over windows.",
    width: 68,
    align: "right",
    firstSort: "descending",
    value: (run) => run.in_sample_sharpe,
    cell: (run) => formatSigned(run.in_sample_sharpe),
  },
  {
    id: "sharpe",
    header: "Test",
    explain: "Sharpe ratio out of sample, with its standard error.",
    width: 104,
    align: "right",
    firstSort: "descending",
    value: (run) => run.metrics?.sharpe.value ?? null,
    cell: (run) => (run.metrics ? ratioWords(run.metrics.sharpe) : ""),
  },
  {
    id: "deflated",
    header: "Not luck",
    explain: "Probability that the true Sharpe ratio beats the luck of all combinations tried.",
    width: 68,
    align: "right",
    firstSort: "descending",
    value: (run) => run.metrics?.deflated_sharpe ?? null,
    cell: (run) => (run.metrics ? formatSure(run.metrics.deflated_sharpe) : ""),
  },
  {
    id: "created_at",
    header: "Asked for",
    width: 96,
    firstSort: "descending",
    value: ({ created_at }) => created_at,
    cell: ({ created_at }) => <Ago at={created_at} />,
  },
];

const NONE: WalkForward[] = [];

/** The user's walk-forwards. */
export function EarlierWalkForwards({ onOpen }: { readonly onOpen: (run: number) => void }) {
  const { data, isPending, error, refetch } = useQuery({
    ...walkForwardsQuery,
    refetchInterval: ({ state }) => (state.data?.results.some(isUnderWay) ? 5_000 : false),
  });
  return (
    <DataTable
      label="Earlier walk-forwards"
      columns={COLUMNS}
      rows={data?.results ?? NONE}
      rowId={({ id }) => String(id)}
      onOpen={({ id }) => onOpen(id)}
      loading={isPending}
      error={error ? <ErrorNotice error={error} what="The walk-forwards could not be loaded" onRetry={() => void refetch()} /> : null}
      empty="No walk-forward yet. Choose a universe and press Start: the windows appear as they end."
      csvName="walk-forwards.csv"
    />
  );
}
