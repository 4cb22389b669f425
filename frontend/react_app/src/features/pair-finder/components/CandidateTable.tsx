import { Button, Checkbox } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useDeferredValue, useMemo, useState } from "react";

import { ErrorNotice } from "@/components/feedback";
import { DataTable } from "@/components/table";
import { download, type Scan, type Candidate } from "@/lib/api";
import { backtestSearch } from "@/lib/backtests";
import { formatCount, plural } from "@/lib/format";
import { useMay } from "@/lib/queries";

import { usePromote } from "../api/mutations";
import { candidatesCsv, candidatesQuery, type CandidateFilters } from "../api/queries";
import { candidateColumns, HIDDEN_AT_FIRST, hiddenColumns, hideWords, pairAddress, pairName } from "../candidateColumns";
import { toSearchOrder, toTableOrder } from "../order";
import { DEFAULT_ORDER, formatIds, parseIds, type PairFinderSearch } from "../search";
import styles from "./finder.module.css";
import type { SetSearch } from "./PairFinderPage";
import { PromotionOutcome } from "./PromotionOutcome";
import { SearchField } from "./SearchField";

interface Props {
  readonly scan: Scan;
  readonly search: PairFinderSearch;
  readonly onSearch: SetSearch;
}

/** Pairs beyond those kept have no id; their tickers name them. */
export function candidateKey(row: Pick<Candidate, "id" | "symbol_1" | "symbol_2">): string {
  return row.id === null ? pairName(row) : String(row.id);
}

const NONE: Candidate[] = [];

/** The chosen candidates, those whose finding hangs on outliers apart. Of rows not loaded the server decides. */
export function splitByOutliers(
  ids: readonly number[],
  rows: readonly Pick<Candidate, "id" | "outlier_driven">[],
): { readonly sound: number[]; readonly driven: number[] } {
  const marked = new Set(rows.filter((row) => row.outlier_driven).map((row) => row.id));
  return { sound: ids.filter((id) => !marked.has(id)), driven: ids.filter((id) => marked.has(id)) };
}

/** Ranked candidates of a finished scan: sorted and searched by the server, state in the address. */
export function CandidateTable({ scan, search, onSearch }: Props) {
  const navigate = useNavigate();
  const order = search.order ?? DEFAULT_ORDER;
  const filters: CandidateFilters = { order, search: useDeferredValue(search.q), all: search.all };
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    candidatesQuery(scan.id, filters),
  );
  const rows = useMemo(() => data?.pages.flatMap((page) => page.results) ?? NONE, [data]);
  const columns = useMemo(() => candidateColumns(scan), [scan]);
  const hidden = useMemo(() => hiddenColumns(search.hide), [search.hide]);
  const selected = useMemo(() => new Set(parseIds(search.selected).map(String)), [search.selected]);
  const total = data?.pages[0]?.count ?? 0;
  const promote = usePromote(scan.id);
  const [withOutliers, setWithOutliers] = useState(false);
  const marked = useMemo(() => rows.some((row) => row.outlier_driven), [rows]);
  const choice = useMemo(() => splitByOutliers(parseIds(search.selected), rows), [search.selected, rows]);
  const chosenPairs = useMemo(
    () => rows.filter((row) => selected.has(candidateKey(row))).map((row) => [row.symbol_1, row.symbol_2]),
    [rows, selected],
  );
  const promoted = withOutliers ? [...choice.sound, ...choice.driven] : choice.sound;

  const onEndNear = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const onSelected = useCallback(
    (next: ReadonlySet<string>) =>
      onSearch({ selected: formatIds([...next].filter((id) => /^\d+$/.test(id))) }, { replace: true }),
    [onSearch],
  );

  return (
    <section className={styles.grow} aria-label="Candidates">
      {promote.error ? <ErrorNotice error={promote.error} what="Nothing was promoted" /> : null}
      {promote.data ? <PromotionOutcome result={promote.data} rows={rows} onClose={() => promote.reset()} /> : null}
      <DataTable
        label="Candidate pairs"
        layoutKey="candidates"
        pristine={search.hide === undefined && search.order === undefined}
        usuallyHidden={HIDDEN_AT_FIRST}
        columns={columns}
        rows={rows}
        rowId={candidateKey}
        rowLabel={pairName}
        serverSorted
        order={toTableOrder(order)}
        onOrderChange={(next) => onSearch({ order: toSearchOrder(next) }, { replace: true })}
        filterKey={`${search.q ?? ""} ${search.all ? "all" : ""}`}
        total={total}
        onEndNear={onEndNear}
        hidden={hidden}
        onHiddenChange={(next) => onSearch({ hide: hideWords(next) }, { replace: true })}
        selected={selected}
        onSelectedChange={onSelected}
        onOpen={(row) => void navigate({ to: "/pair", search: pairAddress(row, scan) })}
        loading={isPending}
        error={error ? <ErrorNotice error={error} what="The candidates could not be loaded" onRetry={() => void refetch()} /> : null}
        empty={search.q ? `No ${search.all ? "tested pair" : "candidate"} has “${search.q}” in its tickers.` : emptyWords(scan)}
        onExport={() => void download(candidatesCsv(scan.id, filters), `scan-${scan.id}-candidates.csv`)}
        height="100%"
        toolbar={
          <>
            <SearchField value={search.q ?? ""} onChange={(q) => onSearch({ q }, { replace: true })} />
            <Checkbox
              label={`All ${plural(scan.n_tests, "tested pair")}`}
              checked={search.all ?? false}
              onChange={(event) => onSearch({ all: event.currentTarget.checked || undefined }, { replace: true })}
            />
            <span className={styles.muted} role="status">
              {data ? rowsWords(total, scan, search) : ""}
              {marked ? "; ▲ hangs on three bars: p is above the level without them" : ""}
            </span>
            {choice.driven.length > 0 ? (
              <Checkbox
                label={`Also ${plural(choice.driven.length, "pair that hangs", "pairs that hang")} on outliers (▲)`}
                checked={withOutliers}
                onChange={(event) => setWithOutliers(event.currentTarget.checked)}
              />
            ) : null}
            <BacktestButton scan={scan.id} chosen={chosenPairs} />
            <PromoteButton
              count={promoted.length}
              busy={promote.isPending}
              onPromote={() =>
                promote.mutate(
                  { candidates: promoted, force: withOutliers },
                  {
                    onSuccess: () => {
                      onSelected(new Set());
                      setWithOutliers(false);
                    },
                  },
                )
              }
            />
          </>
        }
      />
    </section>
  );
}

/** Rows a scan keeps at most, those of least pair p. */
const MOST_KEPT = 5_000;

/** How many rows there are, and which of the pairs tested they are. */
export function rowsWords(
  total: number,
  scan: Pick<Scan, "n_nominal">,
  { q, all }: Pick<PairFinderSearch, "q" | "all">,
): string {
  if (all) return plural(total, "row");
  const capped = scan.n_nominal >= MOST_KEPT || (q === undefined && total >= MOST_KEPT);
  if (!capped) return `${plural(total, "row")}, pair p ≤ 10 % kept`;
  const best = `the best ${formatCount(MOST_KEPT)} of those with pair p ≤ 10 %`;
  return q === undefined ? best : `${plural(total, "row")} among ${best}`;
}

function emptyWords(scan: Scan): string {
  return scan.n_tests === 0
    ? "No pair could be tested; the reasons stand above."
    : "No pair came near: none has a p-value of 10 % or less. “All tested pairs” shows them anyway.";
}

/** To the form of a backtest: of the selected candidates, or of the scan's best. Absent for those who may not. */
function BacktestButton({ scan, chosen }: { readonly scan: number; readonly chosen: readonly (readonly string[])[] }) {
  if (!useMay("trading.add_backtestrun")) return null;
  const search = chosen.length > 0 ? backtestSearch(chosen) : { scan };
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/backtests/new" search={search} {...props} />}>
      {chosen.length === 0 ? "Backtest the best" : `Backtest ${plural(chosen.length, "pair")}`}
    </Button>
  );
}

interface PromoteProps {
  readonly count: number;
  readonly busy: boolean;
  readonly onPromote: () => void;
}

/** Absent for those who may not promote. */
function PromoteButton({ count, busy, onPromote }: PromoteProps) {
  if (!useMay("trading.promote_scancandidate")) return null;
  return (
    <Button variant="default" disabled={count === 0} loading={busy} onClick={onPromote}>
      {count === 0 ? "Promote selected" : `Promote ${plural(count, "pair")}`}
    </Button>
  );
}
