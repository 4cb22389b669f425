import { ApiError, errorFromBody, networkError } from "./errors";
import { createStore } from "../store";
import { expiresAt, readTokens, TOKENS_KEY, writeTokens, type Tokens } from "./tokens";

/**
 * `anonymous`: nobody is logged in. `active`: tokens are held. `expired`: somebody was at work when the server stopped
 * accepting the refresh token; the page stays as it is, and asks for the password.
 */
export type SessionStatus = "anonymous" | "active" | "expired";

/** Refresh this long before the access token ends, so that no request meets the edge. */
const EARLY_MS = 20_000;
const LOCK = "titan.session.refresh";

const state = createStore<SessionStatus>(readTokens() ? "active" : "anonymous");
let refreshing: Promise<string> | null = null;

/** One tab at a time. Without the Locks API (plain http beyond localhost) only this tab is guarded. */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(LOCK, work);
}

async function post(path: string, body: unknown, access?: string): Promise<Response> {
  const headers: Record<string, string> = { "Content-Type": "application/json", Accept: "application/json" };
  if (access) headers.Authorization = `Bearer ${access}`;
  try {
    return await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw networkError();
  }
}

async function refused(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  return errorFromBody(response.status, body, response.headers.get("X-Request-ID"));
}

function sessionEnded(): ApiError {
  return new ApiError({
    status: 401,
    code: "session_expired",
    message: "Your session has ended. Log in again to go on; this page stays as it is.",
  });
}

/** Swaps the refresh token for a new pair. A pair another tab has fetched meanwhile is used as it is. */
async function renew(stale: string | null): Promise<string> {
  const held = readTokens();
  if (!held) {
    if (state.get() === "active") state.set("expired");
    throw sessionEnded();
  }
  if (stale !== null && held.access !== stale) return held.access;
  const response = await post("/api/v1/auth/token/refresh/", { refresh: held.refresh });
  if (response.ok) {
    const fresh = (await response.json()) as Tokens;
    writeTokens({ access: fresh.access, refresh: fresh.refresh });
    state.set("active");
    return fresh.access;
  }
  if (response.status === 401 || response.status === 403 || response.status === 400) {
    writeTokens(null);
    state.set("expired");
    throw sessionEnded();
  }
  throw await refused(response);
}

export const session = {
  status: state.get,
  subscribe: state.subscribe,

  /** An access token good for the next seconds; renews silently, once for all who ask at the same time. */
  async accessToken(): Promise<string> {
    const held = readTokens();
    if (!held) throw sessionEnded();
    const end = expiresAt(held.access);
    if (end !== null && end - Date.now() < EARLY_MS) return session.refresh(held.access);
    return held.access;
  },

  /** A token newer than `stale`, which the server has just refused (or soon will). */
  refresh(stale: string | null): Promise<string> {
    refreshing ??= exclusively(() => renew(stale)).finally(() => {
      refreshing = null;
    });
    return refreshing;
  },

  /** `otp` is the second step: six digits of an authenticator, or a recovery code. */
  async login(username: string, password: string, otp?: string): Promise<void> {
    const response = await post("/api/v1/auth/token/", { username, password, otp });
    if (!response.ok) throw await refused(response);
    const tokens = (await response.json()) as Tokens;
    writeTokens({ access: tokens.access, refresh: tokens.refresh });
    state.set("active");
  },

  /** A new password. The refresh token goes along, so that this session is the one that stays. */
  async changePassword(current: string, fresh: string): Promise<void> {
    const access = await session.accessToken();
    const refresh = readTokens()?.refresh;
    const body = { current_password: current, new_password: fresh, refresh };
    const response = await post("/api/v1/auth/password/", body, access);
    if (!response.ok) throw await refused(response);
  },

  /** Forgets a session that has ended: nothing on screen is worth keeping, so the log-in page may come. */
  forget(): void {
    writeTokens(null);
    state.set("anonymous");
  },

  /** Ends the session here and in every tab; the server is told, but its answer is not waited for. */
  async logout(): Promise<void> {
    const held = readTokens();
    writeTokens(null);
    state.set("anonymous");
    if (held) await post("/api/v1/auth/logout/", { refresh: held.refresh }, held.access).catch(() => undefined);
  },
};

/** Follows what other tabs do: a log-in or log-out there is one here. Returns the way to stop. */
export function followOtherTabs(): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key !== TOKENS_KEY && event.key !== null) return;
    if (readTokens()) state.set("active");
    else if (state.get() === "active") state.set("anonymous");
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}
