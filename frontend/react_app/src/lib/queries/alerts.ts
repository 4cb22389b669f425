import { queryOptions, useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";

import {
  type Alert,
  type AlertKind,
  alertsAcknowledge,
  alertsBulk,
  alertsList,
  alertsRetrieve,
  alertsSummary,
  type Event,
  type Page,
  type Severity,
} from "../api";

export interface AlertFilters {
  kind?: AlertKind;
  severity?: Severity;
  acknowledged?: boolean;
  page?: number;
}

export const ALERTS_PAGE_SIZE = 50;

export const alertsQuery = ({ kind, severity, ...rest }: AlertFilters = {}) =>
  queryOptions({
    queryKey: ["alerts", "list", { kind, severity, ...rest }],
    queryFn: ({ signal }) =>
      alertsList({
        query: {
          ...rest,
          kind: kind && [kind],
          severity: severity && [severity],
          ordering: ["-last_at"],
          page_size: ALERTS_PAGE_SIZE,
        },
        signal,
      }),
  });

export const alertQuery = (id: number) =>
  queryOptions({
    queryKey: ["alerts", "one", id],
    queryFn: ({ signal }) => alertsRetrieve({ path: { id }, signal }),
  });

/** What stands under the bell and on the Dashboard: what nobody has acknowledged yet. */
export const openAlertsQuery = alertsQuery({ acknowledged: false });

export const alertSummaryQuery = queryOptions({
  queryKey: ["alerts", "summary"],
  queryFn: ({ signal }) => alertsSummary({ signal }),
});

/** The alert an event carries, if it is news of one; news of many at once name only their ids. */
export const alertOf = ({ type, data }: Event): Alert | null =>
  type === "alert_update" && typeof data.id === "number" ? (data as unknown as Alert) : null;

/** Writes news of an alert into the lists that show it; the rest ask again, for only the server filters and counts. */
export function putAlert(client: QueryClient, alert: Alert): void {
  for (const [key] of client.getQueriesData<Page<Alert>>({ queryKey: ["alerts", "list"] })) {
    client.setQueryData<Page<Alert>>(
      key,
      (page) => page && { ...page, results: page.results.map((each) => (each.id === alert.id ? alert : each)) },
    );
  }
  void client.invalidateQueries({ queryKey: ["alerts"] });
}

/** What to acknowledge: these, or everything open. */
export type Acknowledged = { ids: number[] } | { all: true };

export function useAcknowledge() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (which: Acknowledged) => {
      const [only, ...more] = "ids" in which ? which.ids : [];
      if (only !== undefined && more.length === 0) {
        await alertsAcknowledge({ path: { id: only } });
        return { done: [only], refused: [] };
      }
      return alertsBulk({ body: { ...which, action: "acknowledge" } });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["alerts"] }),
  });
}
