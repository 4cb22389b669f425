import { Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";

import { ErrorNotice } from "@/components/feedback";
import { ShareButton } from "@/components/share";
import { download, type Backtest } from "@/lib/api";
import { runName } from "@/lib/backtests";
import { backtestQuery, isOver, useMay } from "@/lib/queries";
import { useJobLive } from "@/lib/socket";

import { useCheck, type Check } from "../api/queries";
import { isFinished } from "../runWords";
import type { RunSearch } from "../search";

interface Props {
  readonly run: Backtest;
  readonly search: RunSearch;
}

/** What can be done with a run: the same again, another like it, files of it. */
export function RunActions({ run, search }: Props) {
  const may = useMay("trading.add_backtestrun");
  const maySweep = useMay("trading.add_sweep");
  return (
    <>
      {may && isFinished(run) ? (
        <>
          <CheckButton id={run.id} check="causality" label="Check look-ahead" about={LOOK_AHEAD} />
          <CheckButton id={run.id} check="rerun" label="Re-run" about={RERUN} />
        </>
      ) : null}
      {may ? (
        <Button variant="default" renderRoot={(props) => <Link to="/backtests/new" search={{ like: run.id }} {...props} />}>
          Change and run
        </Button>
      ) : null}
      {maySweep && run.kind === "pair" ? (
        <Button variant="default" renderRoot={(props) => <Link to="/sweeps" search={{ like: run.id }} {...props} />}>
          Optimise
        </Button>
      ) : null}
      {isFinished(run) ? (
        <>
          <ShareButton kind="backtest" objectId={run.id} title={runName(run)} view={search} />
          <ExportMenu id={run.id} />
        </>
      ) : null}
    </>
  );
}

const RERUN = "Runs it again on the same data and says whether every bit is the same";
const LOOK_AHEAD = "Runs it again with its future cut off: nothing before the cut may change";

interface CheckProps {
  readonly id: number;
  readonly check: Check;
  readonly label: string;
  readonly about: string;
}

/** Starts a check of the run; what came of it stands above its charts. */
function CheckButton({ id, check, label, about }: CheckProps) {
  const client = useQueryClient();
  const ask = useCheck(id, check);
  const { job } = useJobLive(ask.data?.id);
  const running = ask.isPending || (job !== undefined && !isOver(job));
  const status = job?.status;
  useEffect(() => {
    if (status === "COMPLETED") void client.invalidateQueries({ queryKey: backtestQuery(id).queryKey });
  }, [client, id, status]);
  return (
    <>
      {ask.error ? <ErrorNotice error={ask.error} what="It was not run again" /> : null}
      {job && isOver(job) && status !== "COMPLETED" ? <span role="alert">{job.error || "Running it again broke off."}</span> : null}
      <Button
        variant="default"
        loading={running}
        title={about}
        onClick={() => ask.mutate()}
      >
        {label}
      </Button>
    </>
  );
}

const FILES = [
  { as: "html", label: "Report, one HTML file" },
  { as: "csv", label: "Equity, CSV" },
  { as: "parquet", label: "Equity, Parquet" },
  { as: "json", label: "Everything, JSON" },
] as const;

function ExportMenu({ id }: { readonly id: number }) {
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button variant="default">Export</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FILES.map(({ as, label }) => (
          <Menu.Item key={as} onClick={() => void download(`/api/v1/backtests/${id}/export/?as=${as}`, `backtest-${id}.${as}`)}>
            {label}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => void download(`/api/v1/backtests/${id}/trades.csv/`, `backtest-${id}-trades.csv`)}>Trades, CSV</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
