import { queryOptions } from "@tanstack/react-query";

import type { Invitation } from "./api";
import { openFetch } from "./api/http";

const ROOT = "/api/v1/auth/invitation/";

/** Whose password a link sets. Asked without a session: whoever opens it has none, or somebody else's. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: async ({ signal }) =>
      (await (await openFetch(`${ROOT}${encodeURIComponent(token)}/`, { signal })).json()) as Invitation,
    retry: false,
  });

/** Sets the password; the link is spent. */
export async function acceptInvitation(token: string, password: string): Promise<void> {
  await openFetch(ROOT, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ token, password }),
  });
}
