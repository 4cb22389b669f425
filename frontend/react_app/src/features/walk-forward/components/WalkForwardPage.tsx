import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { ConfirmButton } from "@/components/confirm";
import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import type { WalkForward } from "@/lib/api";
import { useMay, walkForwardQuery } from "@/lib/queries";

import { useDeleteWalkForward } from "../api/mutations";
import type { WalkForwardSearch } from "../search";
import { isUnderWay, walkName } from "../words";
import { WalkForwardView } from "./WalkForwardView";

export type SetSearch = (patch: Partial<WalkForwardSearch>, options?: { replace?: boolean }) => void;

interface Props {
  readonly id: number;
  readonly search: WalkForwardSearch;
  readonly onSearch: SetSearch;
}

/** One walk-forward: live while it runs, judged when it is done. */
export function WalkForwardPage({ id, search, onSearch }: Props) {
  const { data: run, error, refetch } = useQuery(walkForwardQuery(id));
  return (
    <Page
      title={run ? walkName(run) : `Walk-forward ${id}`}
      note={run ? `Walk-forward ${id}${run.data_changed ? " · the stored bars have changed since" : ""}` : null}
      actions={
        <>
          <Button variant="default" renderRoot={(props) => <Link to="/walk-forwards" search={{}} {...props} />}>
            All walk-forwards
          </Button>
          {run && !isUnderWay(run) ? <Delete run={run} /> : null}
        </>
      }
    >
      {run ? (
        <WalkForwardView run={run} search={search} onSearch={onSearch} />
      ) : error ? (
        <ErrorNotice error={error} what={`Walk-forward ${id} could not be loaded`} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={12} label="Loading the walk-forward" />
      )}
    </Page>
  );
}

function Delete({ run }: { readonly run: WalkForward }) {
  const may = useMay("trading.delete_walkforwardrun");
  const navigate = useNavigate();
  const remove = useDeleteWalkForward();
  if (!may) return null;
  return (
    <>
      {remove.error ? <ErrorNotice error={remove.error} what="It was not deleted" /> : null}
      <ConfirmButton
        label="Delete"
        question="Delete this walk-forward and its windows?"
        loading={remove.isPending}
        onConfirm={() => remove.mutate(run.id, { onSuccess: () => void navigate({ to: "/walk-forwards", search: {} }) })}
      />
    </>
  );
}
