import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { Page, Pager } from "@/components/page";
import { DataTable } from "@/components/table";
import type { Job } from "@/lib/api";
import { plural } from "@/lib/format";
import { jobTitle, STATUS_WORDS } from "@/lib/jobWords";
import { ingestionsQuery, isOver, JOBS_PAGE_SIZE, jobsQuery, scansQuery, useMay } from "@/lib/queries";
import { POLITE_MS, useSocketState } from "@/lib/socket";

import { STATUSES, type JobsSearch } from "../search";
import { jobColumns, subjectKey, type SubjectNames } from "./jobColumns";
import { JobDetail } from "./JobDetail";
import { Queues } from "./Queues";

interface Props {
  search: JobsSearch;
  onSearch: (patch: Partial<JobsSearch>) => void;
}

const ALL = "ALL";
/** So many rows and less stand without a frame that fills the page. */
const FEW = 15;
const CHOICES = [{ value: ALL, label: "All" }, ...STATUSES.map((value) => ({ value, label: STATUS_WORDS[value] }))];

const NONE: readonly Job[] = [];
const USUALLY_HIDDEN: readonly string[] = ["queue", "worker"];

/** What the jobs are about: two lists, asked for once and only where they tell something. */
function useSubjectNames(jobs: readonly Job[]): SubjectNames {
  const about = (type: string) => jobs.some(({ subject }) => subject?.type === type);
  const { data: scans } = useQuery({ ...scansQuery, enabled: about("scan") });
  const { data: uploads } = useQuery({ ...ingestionsQuery, enabled: about("ingestion") });
  return useMemo(
    () =>
      new Map([
        ...(scans?.results ?? []).map(
          ({ id, universe, symbols }) => [subjectKey("scan", id), universe?.name ?? plural(symbols.length, "symbol")] as const,
        ),
        ...(uploads?.results ?? []).map(({ id, filename }) => [subjectKey("ingestion", id), filename] as const),
      ]),
    [scans, uploads],
  );
}

/** All work of the person logged in: what runs, what is over, and why what failed did. */
export function JobsPage({ search, onSearch }: Props) {
  const live = useSocketState() === "open";
  const mayLook = useMay("trading.view_worker");
  const query = useQuery({
    ...jobsQuery({ status: search.status && [search.status], page: search.page }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (!live && state.data?.results.some((job) => !isOver(job)) ? POLITE_MS : false),
  });
  const jobs = query.data?.results ?? NONE;
  const names = useSubjectNames(jobs);
  const columns = useMemo(() => jobColumns(names), [names]);
  return (
    <Page title="Jobs" note={query.data ? plural(query.data.count, "job") : null}>
      {mayLook ? <Queues open={search.workers === true} onOpen={(workers) => onSearch({ workers })} /> : null}
      <DataTable<Job>
        label="Jobs"
        columns={columns}
        usuallyHidden={USUALLY_HIDDEN}
        rows={jobs}
        rowId={(job) => String(job.id)}
        rowLabel={jobTitle}
        loading={query.isPending}
        onOpen={(job) => onSearch({ job: job.id })}
        layoutKey="jobs"
        csvName="jobs.csv"
        height={jobs.length > FEW ? "100%" : "auto"}
        error={
          query.error ? (
            <ErrorNotice error={query.error} what="The jobs could not be loaded" onRetry={() => void query.refetch()} />
          ) : null
        }
        empty={<NoJobs search={search} />}
        toolbar={
          <SegmentedControl
            aria-label="Status"
            data={CHOICES}
            value={search.status ?? ALL}
            onChange={(value) => onSearch({ status: STATUSES.find((each) => each === value), page: undefined })}
          />
        }
      />
      {search.job ? <JobDetail id={search.job} onClose={() => onSearch({ job: undefined })} /> : null}
      <Pager
        of="jobs"
        count={query.data?.count ?? 0}
        pageSize={JOBS_PAGE_SIZE}
        page={search.page ?? 1}
        onPage={(page) => onSearch({ page })}
      />
    </Page>
  );
}

function NoJobs({ search }: { search: JobsSearch }) {
  if (search.status) return <EmptyState title={`No job is ${STATUS_WORDS[search.status].toLowerCase()}`} />;
  return (
    <EmptyState title="No job yet">
      A scan started in the Pair Finder appears here with its progress, and stays here with its outcome.
    </EmptyState>
  );
}
