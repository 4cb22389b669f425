import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useMemo, useState } from "react";

import { EmptyState, ErrorNotice } from "@/components/feedback";
import { DataTable, type TableOrder } from "@/components/table";
import type { Account } from "@/lib/account";
import { plural } from "@/lib/format";
import { useMay } from "@/lib/queries";
import { oneOf } from "@/lib/urlState";

import { usersQuery } from "../queries";
import { ROLES, USER_ORDERS, type UsersSearch } from "../search";
import { ROLE_WORDS } from "../words";
import { accountColumns } from "./accountColumns";
import { AccountPanel } from "./AccountPanel";
import { Invite } from "./Invite";
import styles from "./users.module.css";
import type { SearchProps } from "./UsersPage";

const NONE: readonly Account[] = [];
const ROLE_CHOICES = [
  { value: "", label: "Every role" },
  ...ROLES.map((value) => ({ value, label: ROLE_WORDS[value] })),
];
const STATE_CHOICES = [
  { value: "", label: "Every state" },
  { value: "true", label: "Not deactivated" },
  { value: "false", label: "Deactivated" },
];

/** Who has an account; one of them in full beside the list. */
export function Accounts({ search, onSearch }: SearchProps) {
  const query = useQuery(usersQuery({ ...search, q: useDeferredValue(search.q) }));
  const mayInvite = useMay("users.add_user");
  const [inviting, setInviting] = useState(false);
  const accounts = query.data?.results ?? NONE;
  const shown = accounts.find(({ id }) => id === search.user);
  const open = useCallback(
    (id: number) => onSearch({ user: id === search.user ? undefined : id }),
    [search.user, onSearch],
  );
  const columns = useMemo(() => accountColumns(shown?.id, open), [shown?.id, open]);
  return (
    <div className={styles.split} data-open={shown !== undefined}>
      <div className={styles.table}>
        <DataTable<Account>
          label="Accounts"
          layoutKey="users"
          pristine={search.order === undefined}
          columns={columns}
          rows={accounts}
          rowId={({ id }) => String(id)}
          rowLabel={({ username }) => username}
          serverSorted
          order={toTableOrder(search.order)}
          onOrderChange={(order) => onSearch({ order: toSearchOrder(order) }, { replace: true })}
          filterKey={`${search.q ?? ""} ${search.role ?? ""} ${String(search.active)}`}
          total={query.data?.count}
          onOpen={({ id }) => open(id)}
          loading={query.isPending}
          csvName="users.csv"
          error={
            query.error ? (
              <ErrorNotice error={query.error} what="The accounts could not be loaded" onRetry={() => void query.refetch()} />
            ) : null
          }
          empty={<EmptyState title="Nobody matches">Take a filter away, or search for less.</EmptyState>}
          toolbar={
            <>
              {mayInvite ? (
                <Button variant="filled" onClick={() => setInviting(true)}>
                  Invite somebody
                </Button>
              ) : null}
              <TextInput
                type="search"
                aria-label="Search accounts by name or e-mail"
                placeholder="Name or e-mail"
                w={180}
                value={search.q ?? ""}
                onChange={(event) => onSearch({ q: event.currentTarget.value || undefined }, { replace: true })}
              />
              <NativeSelect
                aria-label="Role"
                data={ROLE_CHOICES}
                value={search.role ?? ""}
                onChange={(event) => onSearch({ role: oneOf(event.currentTarget.value, ROLES) })}
              />
              <NativeSelect
                aria-label="State"
                data={STATE_CHOICES}
                value={search.active === undefined ? "" : String(search.active)}
                onChange={({ currentTarget: { value } }) => onSearch({ active: value === "" ? undefined : value === "true" })}
              />
              <span className={styles.muted} role="status">
                {query.data ? plural(query.data.count, "account") : ""}
              </span>
            </>
          }
        />
      </div>
      {shown ? <AccountPanel key={shown.id} account={shown} onClose={() => onSearch({ user: undefined })} /> : null}
      {inviting ? <Invite onClose={() => setInviting(false)} /> : null}
    </div>
  );
}

function toTableOrder(order: UsersSearch["order"]): TableOrder {
  const words = order ?? "username";
  return { column: words.replace(/^-/, ""), descending: words.startsWith("-") };
}

function toSearchOrder(order: TableOrder | null): UsersSearch["order"] {
  const column = oneOf(order?.column, USER_ORDERS);
  if (order === null || column === undefined || (column === "username" && !order.descending)) return undefined;
  return order.descending ? `-${column}` : column;
}
