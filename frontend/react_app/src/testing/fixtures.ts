import type { Job } from "@/lib/api";

/** A job as the server tells of it; what a test is about is given. */
export function makeJob(given: Partial<Job> = {}): Job {
  return {
    id: 1,
    kind: "scan",
    status: "RUNNING",
    progress: 0.25,
    stage: "Testing pairs",
    message: "",
    error: "",
    attempt: 1,
    cancel_requested: false,
    subject: { type: "scan", id: 12 },
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
