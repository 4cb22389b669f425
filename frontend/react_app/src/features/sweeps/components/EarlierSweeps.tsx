import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { Sweep } from "@/lib/api";
import { formatCount, formatSigned, formatSure } from "@/lib/format";
import { sweepsQuery } from "@/lib/queries";

import { isUnderWay, ratioWords, stateWords, sweepName } from "../words";

const COLUMNS: readonly DataColumn<Sweep>[] = [
  {
    id: "id",
    header: "No.",
    width: 40,
    align: "right",
    firstSort: "descending",
    hideable: false,
    value: ({ id }) => id,
    cell: ({ id }) => (
      <Link to="/sweeps/$sweep" params={{ sweep: id }} search={{}} tabIndex={-1}>
        {id}
      </Link>
    ),
  },
  { id: "name", header: "Name", width: 200, grow: 1, value: sweepName, cell: (sweep) => <span title={sweepName(sweep)}>{sweepName(sweep)}</span> },
  { id: "method", header: "How", width: 60, value: ({ method }) => method },
  {
    id: "n",
    header: "Tried",
    explain: "Combinations run; each is a trial.",
    width: 64,
    align: "right",
    firstSort: "descending",
    value: ({ n_combinations: n }) => n,
    cell: (sweep) => (sweep.completed_at ? formatCount(sweep.n_combinations) : ""),
  },
  {
    id: "best",
    header: "Best Sharpe",
    width: 104,
    align: "right",
    firstSort: "descending",
    value: ({ summary }) => summary?.best.sharpe.value ?? null,
    cell: ({ summary }) => (summary ? ratioWords(summary.best.sharpe) : ""),
  },
  {
    id: "plateau",
    header: "Plateau",
    explain: "Mean Sharpe ratio around the steadiest combination.",
    width: 68,
    align: "right",
    firstSort: "descending",
    value: ({ summary }) => summary?.plateau?.score ?? null,
    cell: ({ summary }) => (summary ? formatSigned(summary.plateau?.score) : ""),
  },
  {
    id: "deflated",
    header: "Not luck",
    explain: "Probability that the best one's true Sharpe ratio beats the luck of all trials.",
    width: 68,
    align: "right",
    firstSort: "descending",
    value: ({ summary }) => summary?.deflated.probability ?? null,
    cell: ({ summary }) => (summary ? formatSure(summary.deflated.probability) : ""),
  },
  { id: "status", header: "Status", width: 96, value: stateWords },
  { id: "created_at", header: "Asked for", width: 176, firstSort: "descending", value: ({ created_at }) => created_at, cell: ({ created_at }) => <Instant at={created_at} /> },
];

const NONE: Sweep[] = [];

/** The user's sweeps and searches. */
export function EarlierSweeps({ onOpen }: { readonly onOpen: (sweep: number) => void }) {
  const { data, isPending, error, refetch } = useQuery({
    ...sweepsQuery,
    refetchInterval: ({ state }) => (state.data?.results.some(isUnderWay) ? 5_000 : false),
  });
  return (
    <DataTable
      label="Earlier sweeps and searches"
      columns={COLUMNS}
      rows={data?.results ?? NONE}
      rowId={({ id }) => String(id)}
      onOpen={({ id }) => onOpen(id)}
      loading={isPending}
      error={error ? <ErrorNotice error={error} what="The sweeps could not be loaded" onRetry={() => void refetch()} /> : null}
      empty="No sweep yet. Choose a pair, let a setting or two vary, and press Start."
      csvName="sweeps.csv"
    />
  );
}
