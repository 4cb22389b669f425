import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";

import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import { asApiError, type Backtest, type Job } from "@/lib/api";
import { runName, tradedWords } from "@/lib/backtests";
import { backtestQuery, backtestsQuery, isOver, useMay } from "@/lib/queries";
import { useJobLive } from "@/lib/socket";

import { ENDINGS, isFinished, keyParameters, periodWords, ruleWords } from "../runWords";
import type { RunSearch } from "../search";
import styles from "./backtests.module.css";
import { LiveRun } from "./LiveRun";
import { RunActions } from "./RunActions";
import { Tearsheet } from "./Tearsheet";

export type SetRunSearch = (patch: Partial<RunSearch>, options?: { replace?: boolean }) => void;

interface Props {
  readonly id: number;
  readonly search: RunSearch;
  readonly onSearch: SetRunSearch;
}

const titleOf = (run: Backtest) => runName(run);

function noteOf(run: Backtest): string {
  // A name that the run was given by its pair and rule has said both.
  const named = run.name === "" || (run.pairs.length === 1 && run.name.includes(run.pairs[0]?.join("/") ?? " "));
  const traded = named ? "" : `${tradedWords(run)} · ${ruleWords(run.rule)} · `;
  return `Backtest ${run.id} · ${traded}${keyParameters(run)} · ${periodWords(run)}`;
}

/** The run's job, live; when it ends, the run is read again. */
function useRunJob(run: Backtest | undefined): Job | null {
  const client = useQueryClient();
  const { job: live } = useJobLive(run?.job?.id);
  const known = run?.job ?? null;
  const job = live ?? known;
  const stale = known !== null && job !== null && known.status !== job.status;
  const id = run?.id;
  useEffect(() => {
    if (!stale || id === undefined) return;
    void client.invalidateQueries({ queryKey: backtestQuery(id).queryKey });
    void client.invalidateQueries({ queryKey: backtestsQuery.queryKey });
  }, [client, id, stale, job?.status]);
  return job;
}

/** One backtest: its progress while it runs, its tearsheet afterwards, its reason when it failed. */
export function RunPage({ id, search, onSearch }: Props) {
  const { data: run, error, refetch } = useQuery(backtestQuery(id));
  const job = useRunJob(run);
  return (
    <Page
      title={run ? titleOf(run) : `Backtest ${id}`}
      note={run ? noteOf(run) : null}
      actions={run ? <RunActions run={run} search={search} /> : null}
    >
      {run ? (
        isFinished(run) ? (
          <Tearsheet run={run} search={search} onSearch={onSearch} />
        ) : (
          <UnderWay run={run} job={job} />
        )
      ) : error ? (
        <Missing id={id} error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={14} label="Loading the backtest" />
      )}
    </Page>
  );
}

function UnderWay({ run, job }: { readonly run: Backtest; readonly job: Job | null }) {
  // News of the end comes before the run is read again, and only that tells whether there is a result.
  const reading = run.job !== null && !isOver(run.job);
  if (job !== null && (reading || !isOver(job))) return <LiveRun run={run} job={job} />;
  return (
    <div role="alert" className={styles.warning}>
      <strong>{(job && ENDINGS[job.status]) ?? "The backtest has no result"}. </strong>
      {job?.error ?? ""} <AgainLink run={run} />
    </div>
  );
}

function AgainLink({ run }: { readonly run: Backtest }) {
  if (!useMay("trading.add_backtestrun")) return null;
  return (
    <Link to="/backtests/new" search={{ like: run.id }}>
      Change what was asked for and run it again
    </Link>
  );
}

function Missing({ id, error, onRetry }: { readonly id: number; readonly error: Error; readonly onRetry: () => void }) {
  if (asApiError(error).status !== 404) return <ErrorNotice error={error} what={`Backtest ${id} could not be loaded`} onRetry={onRetry} />;
  return (
    <EmptyState
      title={`There is no backtest ${id}, or it is not yours`}
      action={
        <Button variant="default" renderRoot={(props) => <Link to="/backtests" {...props} />}>
          All backtests
        </Button>
      }
    />
  );
}
