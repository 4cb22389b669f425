import type { AuditAction, RoleName } from "@/lib/account";
import { compact, day, flag, integer, oneOf, ordering, text, type RawSearch } from "@/lib/urlState";

export const ROLES: readonly RoleName[] = ["viewer", "trader", "admin"];
export const USER_ORDERS = ["username", "email", "role", "last_login", "date_joined"] as const;
export type UserOrder = (typeof USER_ORDERS)[number];

export const AUDIT_ACTIONS = [
  "login",
  "login_failed",
  "logout",
  "token_reuse",
  "role_changed",
  "user_created",
  "user_changed",
  "user_invited",
  "user_activated",
  "user_deactivated",
  "password_changed",
  "totp_enabled",
  "totp_disabled",
  "recovery_codes_made",
  "key_created",
  "key_revoked",
  "session_revoked",
  "promotion",
  "share_created",
  "share_revoked",
] as const satisfies readonly AuditAction[];

/** What the Users page keeps in the address. */
export interface UsersSearch {
  tab?: "audit";
  q?: string;
  role?: RoleName;
  active?: boolean;
  order?: UserOrder | `-${UserOrder}`;
  page?: number;
  /** The person told about beside the list. */
  user?: number;
  action?: AuditAction;
  actor?: string;
  since?: string;
  until?: string;
}

export function parseUsersSearch(raw: RawSearch): UsersSearch {
  const page = integer(raw.page, 1);
  return compact<UsersSearch>({
    tab: oneOf(raw.tab, ["audit"]),
    q: text(raw.q, 100),
    role: oneOf(raw.role, ROLES),
    active: flag(raw.active),
    order: ordering(raw.order, USER_ORDERS),
    page: page === 1 ? undefined : page,
    user: integer(raw.user, 1),
    action: oneOf(raw.action, AUDIT_ACTIONS),
    actor: text(raw.actor, 150),
    since: day(raw.since),
    until: day(raw.until),
  });
}
