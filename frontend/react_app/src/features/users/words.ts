import type { Account, AuditAction, AuditEntry, RoleName } from "@/lib/account";

export const ROLE_WORDS: Record<RoleName, string> = { viewer: "Viewer", trader: "Trader", admin: "Admin" };

/** What may be found in the trail, in words. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  login: "Logged in",
  login_failed: "Failed to log in",
  logout: "Logged out",
  token_reuse: "Reused an old token",
  role_changed: "Changed a role",
  user_created: "Made an account",
  user_changed: "Changed an account",
  user_invited: "Made a link",
  user_activated: "Activated",
  user_deactivated: "Deactivated",
  password_changed: "Changed a password",
  totp_enabled: "Turned two-step on",
  totp_disabled: "Turned two-step off",
  recovery_codes_made: "Made recovery codes",
  key_created: "Made a key",
  key_revoked: "Revoked a key",
  session_revoked: "Ended a session",
  promotion: "Promoted pairs",
  share_created: "Made a share link",
  share_revoked: "Revoked a share link",
};

/** "Active", or why somebody can't log in. */
export function stateWords({ is_active, invited, last_login }: Pick<Account, "is_active" | "invited" | "last_login">): string {
  if (!is_active) return "Deactivated";
  if (invited) return last_login === null ? "Invited" : "Link is out";
  return "Active";
}

/** First and last name, if there are any. */
export function fullName({ first_name, last_name }: Pick<Account, "first_name" | "last_name">): string {
  return [first_name, last_name].filter((each) => each !== "").join(" ");
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(shown).join(" ") : JSON.stringify(value);
}

/** Details in a line: "viewer → trader", "everywhere, through pages". */
export function detailWords(detail: AuditEntry["detail"]): string {
  const { from, to, ...rest } = detail;
  const change = from === undefined && to === undefined ? [] : [`${shown(from ?? "none")} → ${shown(to ?? "none")}`];
  const said = ([name, value]: [string, unknown]) =>
    name === "which" ? (value === "everywhere" ? "everywhere" : `session: ${shown(value)}`) : `${name.replaceAll("_", " ")} ${shown(value)}`;
  return [...change, ...Object.entries(rest).map(said)].join(", ");
}
