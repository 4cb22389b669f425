import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { asApiError } from "@/lib/api";

import styles from "./dashboard.module.css";

interface Props<T> {
  readonly query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  /** "The scans": what a failure speaks of. */
  readonly what: string;
  /** Lines that stand for it while it comes. */
  readonly rows: number;
  readonly children: (data: T) => ReactNode;
}

/** A tile's content, or what stands in its place: on the way, not allowed, failed. Old data stays over a failed refresh. */
export function TileBody<T>({ query, what, rows, children }: Props<T>) {
  const { data, error, refetch } = query;
  if (data !== undefined) return children(data);
  if (error === null) return <SkeletonRows rows={rows} label={`Loading: ${what.toLowerCase()}`} />;
  if (asApiError(error).status === 403) {
    return <p className={styles.quiet}>Your role does not include this. An administrator can give you the permission.</p>;
  }
  return <ErrorNotice error={error} what={`${what} could not be loaded`} onRetry={() => void refetch()} />;
}
