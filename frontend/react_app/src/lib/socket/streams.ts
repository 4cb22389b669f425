import type { Event } from "../api";

/** What a client may follow: one job, one pair, or its own user's stream. */
export type Subscription = { job_id: number } | { pair_id: number } | { stream: "user" };

/** The name the server gives the stream; the user's own carries an id this side need not know. */
export function streamKey(subscription: Subscription): string {
  if ("job_id" in subscription) return `job_${subscription.job_id}`;
  if ("pair_id" in subscription) return `pair_${subscription.pair_id}`;
  return "user";
}

/** The subscription an envelope's stream belongs to. */
export function keyOfStream(stream: string): string {
  return stream.startsWith("user_") ? "user" : stream;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An event as the server sends it, or null for anything else that came down the line. */
export function parseEnvelope(value: unknown): Event | null {
  if (!isRecord(value)) return null;
  const { type, stream, seq, timestamp, data } = value;
  if (typeof type !== "string" || typeof stream !== "string" || typeof seq !== "number") return null;
  return { type, stream, seq, timestamp: typeof timestamp === "string" ? timestamp : "", data: isRecord(data) ? data : {} };
}
