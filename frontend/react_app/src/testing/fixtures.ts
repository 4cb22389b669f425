import type { Me, Preferences } from "@/lib/account";
import type { Job } from "@/lib/api";

/** A job as the server tells of it; what a test is about is given. */
export function makeJob(given: Partial<Job> = {}): Job {
  return {
    id: 1,
    kind: "scan",
    queue: "compute",
    worker: "vm:4711:0a1b2c3d",
    status: "RUNNING",
    progress: 0.25,
    stage: "Testing pairs",
    message: "",
    error: "",
    attempt: 1,
    cancel_requested: false,
    subject: { type: "scan", id: 12 },
    parts: null,
    created_at: "2026-01-05T10:00:00Z",
    started_at: "2026-01-05T10:00:01Z",
    finished_at: null,
    elapsed_seconds: 4,
    eta_seconds: 12,
    ...given,
  };
}

/** An access token that ends so many seconds from now (unsigned: this side only reads the end). */
export function makeToken(seconds: number, name = "t"): string {
  const part = (value: object) => btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  return `${part({ alg: "none" })}.${part({ exp: Math.floor(Date.now() / 1000) + seconds, jti: name })}.x`;
}

export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}

/** Preferences as a new account has them. */
export function makePreferences(given: Partial<Preferences> = {}): Preferences {
  return {
    theme: "system",
    timezone: "UTC",
    default_universe: null,
    default_timeframe: "1d",
    scan_window_years: 10,
    min_overlap: 250,
    alpha: 0.05,
    base_currency: "USD",
    capital: 100_000,
    risk_per_trade: 0.01,
    gross_limit: 2,
    entry_z: 2,
    exit_z: 0.5,
    single_key_shortcuts: true,
    notification_channels: ["in_app"],
    ...given,
  };
}

/** A trader who is logged in. */
export function makeMe(given: Partial<Me> = {}): Me {
  return {
    id: 1,
    username: "demo",
    email: "",
    first_name: "",
    last_name: "",
    roles: ["trader"],
    role: "trader",
    permissions: ["trading.view_scan", "trading.add_scan"],
    totp_enabled: false,
    preferences: makePreferences(),
    ...given,
  };
}
