import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId } from "react";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { DataTable, type DataColumn } from "@/components/table";
import { Instant } from "@/components/time";
import type { AuditEntry } from "@/lib/account";
import { plural } from "@/lib/format";
import { oneOf } from "@/lib/urlState";

import { AUDIT_PAGE_SIZE, auditQuery } from "../queries";
import { AUDIT_ACTIONS } from "../search";
import { ACTION_WORDS, detailWords } from "../words";
import styles from "./users.module.css";
import type { SearchProps } from "./UsersPage";

/** So many rows and less stand without a frame that fills the page. */
const FEW = 15;
const NONE: readonly AuditEntry[] = [];
const ACTIONS = [
  { value: "", label: "Everything done" },
  ...AUDIT_ACTIONS.map((value) => ({ value, label: ACTION_WORDS[value] })),
];

const COLUMNS: readonly DataColumn<AuditEntry>[] = [
  { id: "id", header: "No.", width: 56, align: "right", value: ({ id }) => id, sortable: false },
  {
    id: "at",
    header: "When",
    width: 184,
    value: ({ at }) => at,
    cell: ({ at }) => <Instant at={at} />,
    sortable: false,
    hideable: false,
  },
  { id: "actor", header: "Who", width: 120, value: ({ actor }) => actor || null, sortable: false },
  {
    id: "action",
    header: "Did",
    width: 168,
    value: ({ action }) => ACTION_WORDS[action],
    cell: ({ action }) => (
      <span className={action === "login_failed" || action === "token_reuse" ? styles.failed : undefined}>
        {ACTION_WORDS[action]}
      </span>
    ),
    sortable: false,
    hideable: false,
  },
  { id: "target", header: "To", width: 136, grow: 1, value: ({ target }) => target || null, sortable: false },
  {
    id: "detail",
    header: "Detail",
    width: 200,
    grow: 2,
    value: ({ detail }) => detailWords(detail),
    cell: ({ detail }) => <span title={detailWords(detail)}>{detailWords(detail)}</span>,
    sortable: false,
  },
  { id: "address", header: "From", width: 128, value: ({ address }) => address || null, sortable: false },
  { id: "request_id", header: "Request", width: 120, value: ({ request_id }) => request_id || null, sortable: false },
];

/** What was done, the newest first. Entries can't be changed; whether any was, is checked on demand. */
export function AuditTrail({ search, onSearch }: SearchProps) {
  const query = useQuery(auditQuery({ ...search, actor: useDeferredValue(search.actor) }));
  const filter = (patch: Parameters<typeof onSearch>[0]) => onSearch({ ...patch, page: undefined }, { replace: true });
  const count = query.data?.count ?? 0;
  const filtered = [search.action, search.actor, search.since, search.until].some((each) => each !== undefined);
  return (
    <>
      <DataTable<AuditEntry>
        label="Audit trail"
        layoutKey="audit"
        columns={COLUMNS}
        rows={query.data?.results ?? NONE}
        rowId={({ id }) => String(id)}
        serverSorted
        filterKey={`${search.action ?? ""} ${search.actor ?? ""} ${search.since ?? ""} ${search.until ?? ""} ${search.page ?? 1}`}
        loading={query.isPending}
        csvName="audit.csv"
        height={count > FEW ? "100%" : "auto"}
        error={
          query.error ? (
            <ErrorNotice error={query.error} what="The trail could not be loaded" onRetry={() => void query.refetch()} />
          ) : null
        }
        empty={<EmptyState title={filtered ? "Nothing of the kind was done" : "Nothing was done yet"} />}
        toolbar={
          <>
            <NativeSelect
              aria-label="What was done"
              data={ACTIONS}
              value={search.action ?? ""}
              onChange={(event) => filter({ action: oneOf(event.currentTarget.value, AUDIT_ACTIONS) })}
            />
            <TextInput
              type="search"
              aria-label="Who did it: a user name"
              placeholder="User name"
              w={140}
              value={search.actor ?? ""}
              onChange={(event) => filter({ actor: event.currentTarget.value || undefined })}
            />
            <Day label="From" day={search.since} onDay={(since) => filter({ since })} />
            <Day label="to" day={search.until} onDay={(until) => filter({ until })} />
            <span className={styles.muted} role="status">
              {query.data ? plural(count, "entry", "entries") : ""}
            </span>
          </>
        }
      />
      <Pager count={count} page={search.page ?? 1} onPage={(page) => onSearch({ page: page === 1 ? undefined : page })} />
    </>
  );
}

/** A day of the filter, in UTC as the trail counts days. */
function Day({ label, day, onDay }: { label: string; day: string | undefined; onDay: (day: string | undefined) => void }) {
  const id = useId();
  return (
    <span className={styles.day}>
      <label htmlFor={id} title="Days in UTC">
        {label}
      </label>
      <TextInput
        id={id}
        type="date"
        value={day ?? ""}
        onChange={(event) => onDay(event.currentTarget.value || undefined)}
      />
    </span>
  );
}

function Pager({ count, page, onPage }: { count: number; page: number; onPage: (page: number) => void }) {
  const pages = Math.ceil(count / AUDIT_PAGE_SIZE);
  if (pages <= 1) return null;
  return (
    <nav aria-label="Pages of the trail" className={styles.pager}>
      <Button variant="default" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        Newer
      </Button>
      <span>
        Page {page} of {pages}
      </span>
      <Button variant="default" disabled={page >= pages} onClick={() => onPage(page + 1)}>
        Older
      </Button>
    </nav>
  );
}
