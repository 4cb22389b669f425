import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { scansCandidatesList, scansSkippedList, type ScansCandidatesListData } from "@/lib/api";

const PAGE_SIZE = 500;
/** The largest page the server gives. */
const LARGEST = 1000;

export type Ordering = NonNullable<NonNullable<ScansCandidatesListData["query"]>["ordering"]>[number];

export interface CandidateFilters {
  readonly order: string;
  readonly search?: string;
  /** Every tested pair, not only those kept. */
  readonly all?: boolean;
}

/** A scan's candidates, page after page, in the order asked for. */
export const candidatesQuery = (scan: number, { order, search, all }: CandidateFilters) =>
  infiniteQueryOptions({
    queryKey: ["scans", "one", scan, "candidates", { order, search, all }],
    queryFn: ({ pageParam, signal }) =>
      scansCandidatesList({
        path: { id: scan },
        query: { ordering: [order as Ordering], search, all: all ? true : undefined, page: pageParam, page_size: PAGE_SIZE },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (last.next ? page + 1 : undefined),
    placeholderData: keepPreviousData,
  });

/** The best tested pairs in one page: what the comparison with the truth needs. */
export const testedPairsQuery = (scan: number) =>
  queryOptions({
    queryKey: ["scans", "one", scan, "tested"],
    queryFn: ({ signal }) =>
      scansCandidatesList({ path: { id: scan }, query: { all: true, ordering: ["qvalue"], page_size: LARGEST }, signal }),
  });

export const skippedQuery = (scan: number) =>
  queryOptions({
    queryKey: ["scans", "one", scan, "skipped"],
    queryFn: ({ signal }) => scansSkippedList({ path: { id: scan }, query: { page_size: LARGEST }, signal }),
  });

/** Where the server writes the candidates as CSV, in the order and with the filter on screen. */
export function candidatesCsv(scan: number, { order, search, all }: CandidateFilters): string {
  const query = new URLSearchParams({ ordering: order });
  if (search) query.set("search", search);
  if (all) query.set("all", "true");
  return `/api/v1/scans/${scan}/candidates.csv/?${query.toString()}`;
}
