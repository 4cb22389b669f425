import type { ApiKey, KeyScope } from "@/lib/account";

/** How long a new key may live: what it loses nobody has to remember. */
export const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is revoked" },
] as const;

const DAY_MS = 86_400_000;

/** The instant a key ends; null for one that does not. */
export function expiryOf(days: string, now: Date): string | null {
  return days === "" ? null : new Date(now.getTime() + Number(days) * DAY_MS).toISOString();
}

/** The scopes worth offering: a key never does more than its owner. */
export function offeredScopes(permissions: readonly string[]): KeyScope[] {
  const mayChange = permissions.includes("trading.add_scan");
  const scopes: KeyScope[] = ["read"];
  if (mayChange) scopes.push("data", "research", "trade");
  if (permissions.includes("users.view_user")) scopes.push("admin");
  return scopes;
}

/** Why a key no longer opens anything, or null while it does. */
export function endOf(key: Pick<ApiKey, "revoked_at" | "expires_at">, now: Date): { word: string; at: string } | null {
  if (key.revoked_at !== null) return { word: "Revoked", at: key.revoked_at };
  if (key.expires_at !== null && new Date(key.expires_at) <= now) return { word: "Expired", at: key.expires_at };
  return null;
}
