import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

import type { Job, Event } from "../api";
import { isOver, jobOf, jobQuery, putJob } from "../queries";
import { socket } from "./instance";
import type { SocketState } from "./SocketClient";
import { streamKey, type Subscription } from "./streams";

/** While the socket is down, a screen asks for itself this often. */
export const POLITE_MS = 3_000;

export function useSocketState(): SocketState {
  return useSyncExternalStore(socket.onState, socket.state);
}

/** Calls `onEvent` with each event of a stream, in order and once; `null` follows nothing. */
export function useStream(
  subscription: Subscription | null,
  onEvent: (event: Event) => void,
  onLoss?: () => void,
): void {
  const handle = useEffectEvent(onEvent);
  const lost = useEffectEvent(() => onLoss?.());
  const key = subscription ? streamKey(subscription) : null;
  useEffect(() => {
    if (!subscription) return;
    return socket.follow(subscription, { onEvent: (event) => handle(event), onLoss: () => lost() });
    // The key stands for the subscription, which callers make anew at each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
}

/** A job, followed live: over the socket, or by asking while there is none. */
export function useJobLive(id: number | null | undefined): { job: Job | undefined; error: Error | null } {
  const client = useQueryClient();
  const live = useSocketState() === "open";
  useStream(
    id == null ? null : { job_id: id },
    (event) => {
      const job = jobOf(event);
      if (job) putJob(client, job);
    },
    () => void client.invalidateQueries({ queryKey: jobQuery(id ?? 0).queryKey }),
  );
  const query = useQuery({
    ...jobQuery(id ?? 0),
    enabled: id != null,
    refetchInterval: ({ state }) => (live || (state.data && isOver(state.data)) ? false : POLITE_MS),
  });
  return { job: query.data, error: query.error };
}
