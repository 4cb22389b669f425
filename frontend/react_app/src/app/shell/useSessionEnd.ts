import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

import { session } from "@/lib/api";
import { tendSocket } from "@/lib/socket";

/** Logged out, here or in another tab: everything fetched is forgotten, and the log-in page comes. */
export function useSessionEnd(): void {
  const client = useQueryClient();
  const router = useRouter();
  useEffect(() => {
    const stopSocket = tendSocket();
    const unsubscribe = session.subscribe(() => {
      if (session.status() !== "anonymous") return;
      void router.navigate({ to: "/login" }).then(() => client.clear());
    });
    return () => {
      unsubscribe();
      stopSocket();
    };
  }, [client, router]);
}
