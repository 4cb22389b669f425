/** The equity a running backtest has told of so far. */
import type { Event } from "@/lib/api";

export interface PartialEquity {
  readonly timestamps: readonly string[];
  readonly equity: readonly number[];
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The partial equity an event carries, or null for any other event; each holds all there is so far. */
export function partialOf({ type, data }: Event): PartialEquity | null {
  if (type !== "backtest_progress") return null;
  const { timestamps, equity } = data;
  if (!isList(timestamps) || !isList(equity) || timestamps.length !== equity.length) return null;
  const good = timestamps.every((each) => typeof each === "string") && equity.every((each) => typeof each === "number");
  return good ? { timestamps: timestamps, equity: equity } : null;
}
