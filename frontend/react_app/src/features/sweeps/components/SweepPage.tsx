import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { ConfirmButton } from "@/components/confirm";
import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import { asApiError, type Sweep } from "@/lib/api";
import { sweepQuery, useMay } from "@/lib/queries";

import { useDeleteSweep } from "../api/mutations";
import type { SweepSearch } from "../search";
import { isUnderWay, sweepName } from "../words";
import { SweepView } from "./SweepView";

export type SetSweepSearch = (patch: Partial<SweepSearch>, options?: { replace?: boolean }) => void;

interface Props {
  readonly id: number;
  readonly search: SweepSearch;
  readonly onSearch: SetSweepSearch;
}

/** One sweep or search: its progress while it runs, its surface and judgement afterwards. */
export function SweepPage({ id, search, onSearch }: Props) {
  const { data: sweep, error, refetch } = useQuery(sweepQuery(id));
  return (
    <Page
      title={sweep ? sweepName(sweep) : `Sweep ${id}`}
      note={sweep ? `${sweep.method === "search" ? "Search" : "Sweep"} ${id}` : null}
      actions={sweep ? <Actions sweep={sweep} /> : null}
    >
      {sweep ? (
        <SweepView sweep={sweep} search={search} onSearch={onSearch} />
      ) : error ? (
        <Missing id={id} error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={12} label="Loading the sweep" />
      )}
    </Page>
  );
}

function Actions({ sweep }: { readonly sweep: Sweep }) {
  const mayAdd = useMay("trading.add_sweep");
  const mayWalk = useMay("trading.add_walkforwardrun");
  return (
    <>
      {mayWalk && sweep.summary ? (
        <Button variant="filled" renderRoot={(props) => <Link to="/walk-forwards" search={{ sweep: sweep.id }} {...props} />}>
          Walk-forward this
        </Button>
      ) : null}
      {mayAdd ? (
        <Button variant="default" renderRoot={(props) => <Link to="/sweeps" search={{ again: sweep.id }} {...props} />}>
          Change and start
        </Button>
      ) : null}
      <Button variant="default" renderRoot={(props) => <Link to="/sweeps" search={{}} {...props} />}>
        All sweeps
      </Button>
      {isUnderWay(sweep) ? null : <Delete sweep={sweep} />}
    </>
  );
}

function Delete({ sweep }: { readonly sweep: Sweep }) {
  const may = useMay("trading.delete_sweep");
  const navigate = useNavigate();
  const remove = useDeleteSweep();
  if (!may) return null;
  return (
    <>
      {remove.error ? <ErrorNotice error={remove.error} what="It was not deleted" /> : null}
      <ConfirmButton
        label="Delete"
        question="Delete this sweep? The trials it counted stay."
        loading={remove.isPending}
        onConfirm={() => remove.mutate(sweep.id, { onSuccess: () => void navigate({ to: "/sweeps", search: {} }) })}
      />
    </>
  );
}

function Missing({ id, error, onRetry }: { readonly id: number; readonly error: Error; readonly onRetry: () => void }) {
  if (asApiError(error).status !== 404) return <ErrorNotice error={error} what={`Sweep ${id} could not be loaded`} onRetry={onRetry} />;
  return (
    <EmptyState
      title={`There is no sweep ${id}, or it is not yours`}
      action={
        <Button variant="default" renderRoot={(props) => <Link to="/sweeps" search={{}} {...props} />}>
          All sweeps
        </Button>
      }
    />
  );
}
