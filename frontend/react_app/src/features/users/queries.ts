import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import {
  userDisableTotp,
  userInvite,
  userNewLink,
  userSignOut,
  userUpdate,
  type Account,
} from "@/lib/account";
import { auditList, usersList } from "@/lib/api";

import type { UsersSearch } from "./search";

export const USERS_PAGE_SIZE = 200;
export const AUDIT_PAGE_SIZE = 100;

type UserFilters = Pick<UsersSearch, "q" | "role" | "active" | "order">;

export const usersQuery = ({ q, role, active, order }: UserFilters) =>
  queryOptions({
    queryKey: ["users", "list", { q, role, active, order }],
    queryFn: ({ signal }) =>
      usersList({
        query: { search: q, role, is_active: active, ordering: [order ?? "username"], page_size: USERS_PAGE_SIZE },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

type AuditFilters = Pick<UsersSearch, "action" | "actor" | "since" | "until" | "page">;

export const auditQuery = ({ action, actor, since, until, page }: AuditFilters) =>
  queryOptions({
    queryKey: ["audit", { action, actor, since, until, page }],
    queryFn: ({ signal }) =>
      auditList({
        query: {
          action,
          actor,
          since: since && `${since}T00:00:00Z`,
          until: until && `${until}T23:59:59.999Z`,
          page,
          page_size: AUDIT_PAGE_SIZE,
        },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

/** What an administrator does to accounts; the list follows. */
export function useAccountChanges() {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ["users"] });
  return {
    invite: useMutation({ mutationFn: userInvite, onSuccess }),
    update: useMutation({
      mutationFn: ({ id, ...change }: Pick<Account, "id"> & Parameters<typeof userUpdate>[1]) => userUpdate(id, change),
      onSuccess,
    }),
    newLink: useMutation({ mutationFn: userNewLink, onSuccess }),
    signOut: useMutation({ mutationFn: userSignOut, onSuccess }),
    disableTotp: useMutation({ mutationFn: userDisableTotp, onSuccess }),
  };
}
