import type { Share } from "./api";

type Ends = Pick<Share, "expires_at" | "revoked_at">;

/** Whether the link still leads somewhere. */
export function isOpen({ expires_at, revoked_at }: Ends, now: Date = new Date()): boolean {
  return revoked_at === null && new Date(expires_at) > now;
}

/** "open", "revoked", "expired". */
export function stateOf(share: Ends, now: Date = new Date()): "open" | "revoked" | "expired" {
  if (share.revoked_at !== null) return "revoked";
  return isOpen(share, now) ? "open" : "expired";
}

/** The owner's own page of what the link shows. */
export function shareHref({ kind, object_id }: Pick<Share, "kind" | "object_id">): string | null {
  if (kind === "backtest") return `/backtests/${object_id}`;
  return kind === "scan" ? `/pair-finder?scan=${object_id}` : null;
}
