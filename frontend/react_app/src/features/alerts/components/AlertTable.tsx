import { Button, NativeSelect, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { Pager } from "@/components/page";
import { DataTable } from "@/components/table";
import { KIND_WORDS, KINDS, SEVERITIES, SEVERITY_WORDS } from "@/lib/alertWords";
import type { Alert } from "@/lib/api";
import { formatCount, plural } from "@/lib/format";
import { ALERTS_PAGE_SIZE, alertsQuery, alertSummaryQuery, useAcknowledge } from "@/lib/queries";

import { STATES, type AlertsSearch } from "../search";
import { ALERT_COLUMNS } from "./alertColumns";
import { AlertDetail } from "./AlertDetail";
import type { SetSearch } from "./AlertsPage";

interface Props {
  readonly search: AlertsSearch;
  readonly onSearch: SetSearch;
}

const OPEN = "open";
const STATE_CHOICES = [
  { value: OPEN, label: "To look at" },
  { value: "seen", label: "Seen" },
  { value: "all", label: "All" },
];
const ACKNOWLEDGED = { open: false, seen: true, all: undefined } as const;
const ANY = "";
const SEVERITY_CHOICES = [
  { value: ANY, label: "Any severity" },
  ...SEVERITIES.map((value) => ({ value, label: SEVERITY_WORDS[value] })),
];
const KIND_CHOICES = [{ value: ANY, label: "Any rule" }, ...KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))];

/** What is still to be looked at was never seen. */
const OPEN_COLUMNS = ALERT_COLUMNS.filter(({ id }) => id !== "acknowledged_at");

const NONE: readonly Alert[] = [];
const NOBODY: ReadonlySet<string> = new Set();

/** The alerts as a table: filtered by the address, acknowledged one by one, several at a time or all at once. */
export function AlertTable({ search, onSearch }: Props) {
  const { state, kind, severity, page } = search;
  const query = useQuery({
    ...alertsQuery({ acknowledged: ACKNOWLEDGED[state ?? OPEN], kind, severity, page }),
    placeholderData: keepPreviousData,
  });
  const alerts = query.data?.results ?? NONE;
  const [chosen, setChosen] = useState(NOBODY);
  // Rows may leave under the choice: news, another filter, another page.
  const selected = useMemo(
    () => new Set(alerts.filter(({ id }) => chosen.has(String(id))).map(({ id }) => String(id))),
    [alerts, chosen],
  );
  const filter = (patch: Partial<AlertsSearch>) => onSearch({ ...patch, page: undefined, alert: undefined });
  return (
    <>
      <DataTable
        label="Alerts"
        columns={state === undefined ? OPEN_COLUMNS : ALERT_COLUMNS}
        rows={alerts}
        rowId={({ id }) => String(id)}
        rowLabel={({ title }) => title}
        selected={selected}
        onSelectedChange={setChosen}
        onOpen={({ id }) => onSearch({ alert: id }, { replace: search.alert !== undefined })}
        layoutKey="alerts"
        loading={query.isPending}
        error={
          query.error ? (
            <ErrorNotice error={query.error} what="The alerts could not be loaded" onRetry={() => void query.refetch()} />
          ) : null
        }
        empty={<NoAlert search={search} />}
        csvName="alerts.csv"
        toolbar={
          <>
            <SegmentedControl
              aria-label="State"
              data={STATE_CHOICES}
              value={state ?? OPEN}
              onChange={(value) => filter({ state: STATES.find((each) => each === value) })}
            />
            <NativeSelect
              aria-label="Severity"
              data={SEVERITY_CHOICES}
              value={severity ?? ANY}
              onChange={(event) => filter({ severity: SEVERITIES.find((each) => each === event.currentTarget.value) })}
            />
            <NativeSelect
              aria-label="Rule"
              data={KIND_CHOICES}
              value={kind ?? ANY}
              onChange={(event) => filter({ kind: KINDS.find((each) => each === event.currentTarget.value) })}
            />
            {state === "seen" ? null : (
              <Acknowledge alerts={alerts} selected={selected} onDone={() => setChosen(NOBODY)} />
            )}
          </>
        }
      />
      {search.alert === undefined ? null : (
        <AlertDetail
          id={search.alert}
          known={alerts.find(({ id }) => id === search.alert)}
          onClose={() => onSearch({ alert: undefined })}
        />
      )}
      <Pager
        of="alerts"
        count={query.data?.count ?? 0}
        pageSize={ALERTS_PAGE_SIZE}
        page={page ?? 1}
        onPage={(next) => onSearch({ page: next })}
      />
    </>
  );
}

interface AcknowledgeProps {
  readonly alerts: readonly Alert[];
  readonly selected: ReadonlySet<string>;
  readonly onDone: () => void;
}

/** The chosen ones, or every open alert there is: filters and pages don't narrow "all". */
function Acknowledge({ alerts, selected, onDone }: AcknowledgeProps) {
  const { data: summary } = useQuery(alertSummaryQuery);
  const acknowledge = useAcknowledge();
  const open = alerts.filter(({ id, acknowledged_at }) => selected.has(String(id)) && acknowledged_at === null);
  const total = summary?.unacknowledged ?? 0;
  const refused = acknowledge.data?.refused ?? [];
  return (
    <>
      <Button
        variant="default"
        disabled={open.length === 0}
        loading={acknowledge.isPending}
        onClick={() => acknowledge.mutate({ ids: open.map(({ id }) => id) }, { onSuccess: onDone })}
      >
        {open.length === 0 ? "Mark selected as seen" : `Mark ${formatCount(open.length)} as seen`}
      </Button>
      {total > 1 ? (
        <Button
          variant="subtle"
          disabled={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ all: true }, { onSuccess: onDone })}
        >
          Mark all {formatCount(total)} as seen
        </Button>
      ) : null}
      {acknowledge.error ? <ErrorNotice error={acknowledge.error} what="Nothing was marked" /> : null}
      {refused.length > 0 ? <span role="status">{plural(refused.length, "alert")} could not be marked.</span> : null}
    </>
  );
}

function NoAlert({ search: { state, kind, severity } }: { readonly search: AlertsSearch }) {
  if (kind !== undefined || severity !== undefined) return <EmptyState title="No alert of this sort" />;
  if (state === "seen") return <EmptyState title="No alert was marked as seen yet" />;
  return (
    <EmptyState title={state === "all" ? "No alert yet" : "Nothing needs a look"}>
      What your rules watch for appears here as it happens: a failed job, prices that fall behind, pairs a scan finds.
    </EmptyState>
  );
}
