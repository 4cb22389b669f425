import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { Scan } from "@/lib/api";
import { formatCount } from "@/lib/format";
import { scansQuery, useMay } from "@/lib/queries";
import { shortPercent, subjectWords, windowWords } from "@/lib/scanWords";

import { stageWords } from "../progress";

const finished = (scan: Scan) => scan.completed_at !== null;

const COLUMNS: readonly DataColumn<Scan>[] = [
  {
    id: "id",
    header: "No.",
    width: 40,
    align: "right",
    firstSort: "descending",
    hideable: false,
    value: (scan) => scan.id,
    cell: (scan) => (
      <Link to="/pair-finder" search={{ scan: scan.id }} tabIndex={-1}>
        {scan.id}
      </Link>
    ),
  },
  { id: "universe", header: "Universe", width: 136, grow: 1, value: subjectWords, cell: (scan) => <span title={subjectWords(scan)}>{subjectWords(scan)}</span> },
  { id: "window", header: "Window", width: 200, value: windowWords },
  {
    id: "tests",
    header: "Tested",
    explain: "Unordered pairs tested.",
    width: 72,
    align: "right",
    value: (scan) => (finished(scan) ? scan.n_tests : null),
    cell: (scan) => (finished(scan) ? formatCount(scan.n_tests) : ""),
  },
  {
    id: "survive",
    header: "Survive",
    explain: "Pairs whose q is at or below the level asked for.",
    width: 64,
    align: "right",
    firstSort: "descending",
    value: (scan) => (finished(scan) ? scan.n_discoveries : null),
    cell: (scan) => (finished(scan) ? formatCount(scan.n_discoveries) : ""),
  },
  {
    id: "level",
    header: "Level",
    width: 68,
    value: ({ parameters }) => `${parameters.fdr.toUpperCase()} ${shortPercent(parameters.alpha)}`,
  },
  { id: "status", header: "Status", width: 84, value: (scan) => (scan.job ? stageWords(scan.job) : "") },
  {
    id: "created_at",
    header: "Asked for",
    width: 172,
    firstSort: "descending",
    value: (scan) => scan.created_at,
    cell: (scan) => <Instant at={scan.created_at} />,
  },
];

/** The user's scans; opening one shows its result, or its progress while it runs. */
export function EarlierScans({ onOpen }: { readonly onOpen: (scan: number) => void }) {
  const mayScan = useMay("trading.add_scan");
  const { data, isPending, error, refetch } = useQuery({
    ...scansQuery,
    // A list of running scans grows old quickly; the scan itself is followed over the socket.
    refetchInterval: ({ state }) => (state.data?.results.some((scan) => !finished(scan)) ? 5_000 : false),
  });
  return (
    <DataTable
      label="Earlier scans"
      columns={COLUMNS}
      rows={data?.results ?? NONE}
      rowId={(scan) => String(scan.id)}
      onOpen={(scan) => onOpen(scan.id)}
      loading={isPending}
      error={error ? <ErrorNotice error={error} what="The scans could not be loaded" onRetry={() => void refetch()} /> : null}
      empty={
        mayScan
          ? "No scan yet. Choose a universe and press Scan: the demo takes a second or two."
          : "No scan of yours. Your role does not start scans; others show you theirs by a link."
      }
      csvName="scans.csv"
    />
  );
}

const NONE: Scan[] = [];
