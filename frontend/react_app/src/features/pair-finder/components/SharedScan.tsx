import { Checkbox } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useMemo } from "react";

import { ErrorNotice } from "@/components/feedback";
import { DataTable } from "@/components/table";
import type { Candidate, SharedScan as Scan } from "@/lib/api";
import { plural } from "@/lib/format";

import { sharedCandidatesQuery } from "../api/shared";
import { candidateColumns, hiddenColumns, hideWords, pairName } from "../candidateColumns";
import { toSearchOrder, toTableOrder } from "../order";
import { parameterWords } from "../scanWords";
import { DEFAULT_ORDER, type PairFinderSearch } from "../search";
import { chance, ownNull, skippedWords, survivors, truth } from "../sentences";
import { candidateKey, rowsWords } from "./CandidateTable";
import styles from "./finder.module.css";
import { SearchField } from "./SearchField";

interface Props {
  readonly token: string;
  readonly scan: Scan;
  readonly search: PairFinderSearch;
  readonly onSearch: (patch: Partial<PairFinderSearch>, options?: { replace?: boolean }) => void;
}

const NONE: Candidate[] = [];
/** What leads to pages for those who are signed in, or is about their own pairs. */
const PRIVATE = ["pair_id"];

/** A scan as a link shows it: its sentences and its candidates, to sort and search but not to change. */
export function SharedScan({ token, scan, search, onSearch }: Props) {
  const order = search.order ?? DEFAULT_ORDER;
  const filters = { order, search: useDeferredValue(search.q), all: search.all };
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    sharedCandidatesQuery(token, filters),
  );
  const rows = useMemo(() => data?.pages.flatMap((page) => page.results) ?? NONE, [data]);
  const columns = useMemo(() => candidateColumns(scan, false).filter(({ id }) => !PRIVATE.includes(id)), [scan]);
  const hidden = useMemo(() => hiddenColumns(search.hide), [search.hide]);
  const total = data?.pages[0]?.count ?? 0;
  const onEndNear = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const said = [chance(scan), ownNull(scan), scan.truth === null ? null : truth(scan.truth), skippedWords(scan)];
  return (
    <>
      <section className={styles.summary} aria-label="Result">
        <p className={styles.verdict}>{survivors(scan)}</p>
        {said.map((sentence) =>
          sentence === null ? null : (
            <p key={sentence} className={styles.plain}>
              {sentence}
            </p>
          ),
        )}
        <p className={styles.muted}>
          {parameterWords(scan).map((phrase) => (
            <span key={phrase}>{phrase}</span>
          ))}
        </p>
        {scan.data_changed ? (
          <p className={styles.warning}>Prices have changed since this scan. Its numbers stand for the data it ran on.</p>
        ) : null}
      </section>
      <section className={styles.grow} aria-label="Candidates">
        <DataTable
          label="Candidate pairs"
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
          loading={isPending}
          error={error ? <ErrorNotice error={error} what="The candidates could not be loaded" onRetry={() => void refetch()} /> : null}
          empty={search.q ? `No candidate has “${search.q}” in its tickers.` : "No pair came near: none has a p-value of 10 % or less."}
          csvName="candidates.csv"
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
              </span>
            </>
          }
        />
      </section>
    </>
  );
}
