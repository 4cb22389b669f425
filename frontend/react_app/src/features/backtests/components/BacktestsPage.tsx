import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import { ConfirmButton } from "@/components/confirm";
import { EmptyState, ErrorNotice } from "@/components/feedback";
import { Page } from "@/components/page";
import { DataTable } from "@/components/table";
import type { Backtest } from "@/lib/api";
import { runName } from "@/lib/backtests";
import { plural } from "@/lib/format";
import { backtestsQuery, isOver, useMay } from "@/lib/queries";

import { useDeleteBacktests } from "../api/queries";
import { HIDDEN_AT_FIRST, RUN_COLUMNS } from "../runColumns";
import { isFinished } from "../runWords";
import { formatIds, MOST_COMPARED, parseIds, type BacktestsSearch } from "../search";
import styles from "./backtests.module.css";

interface Props {
  readonly search: BacktestsSearch;
  readonly onSearch: (patch: Partial<BacktestsSearch>, options?: { replace?: boolean }) => void;
}

const NONE: readonly Backtest[] = [];
const isAtWork = ({ completed_at, job }: Backtest) => completed_at === null && job !== null && !isOver(job);

/** One's backtests, newest first: each with its luck beside its Sharpe ratio; select two or more to compare. */
export function BacktestsPage({ search, onSearch }: Props) {
  const navigate = useNavigate();
  const { data, isPending, error, refetch } = useQuery({
    ...backtestsQuery,
    // A list of running backtests grows old quickly; each is followed over the socket on its own page.
    refetchInterval: ({ state }) => (state.data?.results.some(isAtWork) ? 5_000 : false),
  });
  const rows = data?.results ?? NONE;
  const chosen = useMemo(() => parseIds(search.selected), [search.selected]);
  const selected = useMemo(() => new Set(chosen.map(String)), [chosen]);
  const onSelected = useCallback(
    (next: ReadonlySet<string>) => onSearch({ selected: formatIds(next) }, { replace: true }),
    [onSearch],
  );
  return (
    <Page
      title="Backtests"
      note={data ? `${plural(data.count, "run")}; each counts as a trial in how much is luck` : null}
      actions={<NewButton />}
    >
      <section className={styles.grow} aria-label="Runs">
        <DataTable
          label="Backtests"
          layoutKey="backtests"
          usuallyHidden={HIDDEN_AT_FIRST}
          columns={RUN_COLUMNS}
          rows={rows}
          rowId={({ id }) => String(id)}
          rowLabel={runName}
          selected={selected}
          onSelectedChange={onSelected}
          onOpen={({ id }) => void navigate({ to: "/backtests/$run", params: { run: id } })}
          loading={isPending}
          error={error ? <ErrorNotice error={error} what="The backtests could not be loaded" onRetry={() => void refetch()} /> : null}
          empty={<NoRun />}
          csvName="backtests.csv"
          height="100%"
          toolbar={<Chosen rows={rows} chosen={chosen} onDone={() => onSelected(new Set())} />}
        />
      </section>
    </Page>
  );
}

function NewButton() {
  if (!useMay("trading.add_backtestrun")) return null;
  return (
    <Button variant="filled" renderRoot={(props) => <Link to="/backtests/new" {...props} />}>
      New backtest
    </Button>
  );
}

function NoRun() {
  return (
    <EmptyState title="No backtest yet">
      <Link to="/backtests/new">Start one</Link>: your preferences fill in the form, so that choosing a pair and pressing
      Run is enough. A pair page and a scan&apos;s candidates lead here too.
    </EmptyState>
  );
}

interface ChosenProps {
  readonly rows: readonly Backtest[];
  readonly chosen: readonly number[];
  readonly onDone: () => void;
}

/** What can be done with the selected runs. */
function Chosen({ rows, chosen, onDone }: ChosenProps) {
  const navigate = useNavigate();
  const mayDelete = useMay("trading.delete_backtestrun");
  const remove = useDeleteBacktests();
  const finished = chosen.filter((id) => rows.some((run) => run.id === id && isFinished(run)));
  const many = finished.length > MOST_COMPARED;
  return (
    <>
      <Button
        variant="default"
        disabled={finished.length < 2 || many}
        onClick={() => void navigate({ to: "/backtests/compare", search: { runs: formatIds(finished) } })}
      >
        {finished.length < 2 ? "Compare" : `Compare ${finished.length} runs`}
      </Button>
      {mayDelete && chosen.length > 0 ? (
        <ConfirmButton
          label={`Delete ${plural(chosen.length, "run")}`}
          question={`${plural(chosen.length, "run")} and what came of ${chosen.length === 1 ? "it" : "them"} will be gone. The trials stay counted.`}
          yes="Delete"
          loading={remove.isPending}
          onConfirm={() => remove.mutate(chosen, { onSuccess: onDone })}
        />
      ) : null}
      <span className={styles.muted} role="status">
        {many ? `At most ${MOST_COMPARED} runs are compared at once.` : finished.length < 2 ? "Select 2 to 8 finished runs to compare them." : ""}
      </span>
      {remove.error ? <ErrorNotice error={remove.error} what="Not everything was deleted" /> : null}
    </>
  );
}
