import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { ErrorNotice, Forbidden, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import type { WatchedPair } from "@/lib/api";
import { runName } from "@/lib/backtests";
import { backtestQuery, costModelsQuery, rulesQuery, scansQuery, sweepQuery, useMay, useMe, watchedQuery } from "@/lib/queries";

import { likeSweep, startForm } from "../runForm";
import type { NewBacktestSearch } from "../search";
import { RunForm } from "./RunForm";

/** A backtest to ask for: everything filled in from preferences and from where one comes. */
export function NewBacktestPage({ search }: { readonly search: NewBacktestSearch }) {
  const may = useMay("trading.add_backtestrun");
  const like = useQuery({ ...backtestQuery(search.like ?? 0), enabled: search.like !== undefined });
  if (!may) return <Forbidden title="New backtest">Your role may look at pairs and scans, not run backtests.</Forbidden>;
  const note = like.data
    ? `Starts from ${runName(like.data)} (${like.data.id})`
    : search.sweep === undefined
      ? "Filled in from your preferences"
      : `Starts from sweep ${search.sweep}`;
  return (
    <Page title="New backtest" note={note}>
      {like.error ? <ErrorNotice error={like.error} what={`Backtest ${search.like ?? ""} could not be loaded; the form starts afresh`} /> : null}
      {search.like !== undefined && like.isPending ? <SkeletonRows rows={8} label="Loading the run" /> : <Loaded search={search} />}
    </Page>
  );
}

/** The watched pair one would look at first: as the Dashboard orders them. */
function nearestToEntry(watched: readonly WatchedPair[]): WatchedPair["pair"] | undefined {
  const reach = ({ z_score: z, entry_z: entry }: WatchedPair) => Math.abs(z ?? 0) / entry;
  return [...watched].sort((a, b) => reach(b) - reach(a))[0]?.pair;
}

/** Loads what the form offers, then shows it. */
function Loaded({ search }: { readonly search: NewBacktestSearch }) {
  const navigate = useNavigate();
  const { preferences } = useMe();
  const rules = useQuery(rulesQuery);
  const costs = useQuery(costModelsQuery);
  const scans = useQuery(scansQuery);
  const watched = useQuery(watchedQuery);
  const { data: run } = useQuery({ ...backtestQuery(search.like ?? 0), enabled: search.like !== undefined });
  const sweep = useQuery({ ...sweepQuery(search.sweep ?? 0), enabled: search.sweep !== undefined });
  const error = rules.error ?? costs.error;
  if (error) {
    const retry = () => void Promise.all([rules.refetch(), costs.refetch()]);
    return <ErrorNotice error={error} what="The rules could not be loaded" onRetry={retry} />;
  }
  if (!rules.data || !costs.data || scans.isPending || watched.isPending || (search.sweep !== undefined && sweep.isPending)) return <SkeletonRows rows={10} label="Loading the rules" />;
  const near = nearestToEntry(watched.data?.results ?? []);
  const like = run ?? (sweep.data ? likeSweep(sweep.data, search.set) : null);
  const suggested = near ? ([near.symbol_1.ticker, near.symbol_2.ticker] as const) : null;
  const start = startForm({ rules: rules.data, preferences, search, like, suggested });
  return (
    <>
      {sweep.error ? <ErrorNotice error={sweep.error} what={`Sweep ${search.sweep ?? ""} could not be loaded; the form starts afresh`} /> : null}
      <RunForm
        key={JSON.stringify(search)}
        start={start}
        like={like}
        rules={rules.data}
        costModels={costs.data}
        scans={scans.data?.results.filter(({ completed_at }) => completed_at !== null) ?? []}
        onStarted={(run) => void navigate({ to: "/backtests/$run", params: { run } })}
      />
    </>
  );
}
