import { describe, expect, it } from "vitest";

import { makeQueryClient } from "@/lib/queryClient";
import { alertOf, alertSummaryQuery, openAlertsQuery, putAlert } from "@/lib/queries";
import { makeAlert, pageOf } from "@/testing/deskFixtures";

import { isNews } from "./useAlertsFeed";

const event = { stream: "user_1", seq: 1, timestamp: "" };

describe("an alert over the socket", () => {
  it("is told once, unless its job tells it already", () => {
    expect(isNews(makeAlert({ kind: "data_stale" }))).toBe(true);
    expect(isNews(makeAlert({ kind: "data_stale", count: 2 }))).toBe(false);
    expect(isNews(makeAlert({ kind: "data_stale", acknowledged_at: "2026-01-05T10:00:00Z" }))).toBe(false);
    expect(isNews(makeAlert({ kind: "job_failed" }))).toBe(false);
  });

  it("stands in the lists at once, and makes the badge ask again", () => {
    const client = makeQueryClient();
    client.setQueryData(openAlertsQuery.queryKey, pageOf(makeAlert()));
    client.setQueryData(alertSummaryQuery.queryKey, { unacknowledged: 1, by_severity: { info: 0, warning: 1, critical: 0 } });
    putAlert(client, makeAlert({ count: 4 }));
    expect(client.getQueryData(openAlertsQuery.queryKey)?.results[0]?.count).toBe(4);
    expect(client.getQueryState(alertSummaryQuery.queryKey)?.isInvalidated).toBe(true);
  });

  it("is none where many were acknowledged at once: that names ids only", () => {
    expect(alertOf({ ...event, type: "alert_update", data: { ...makeAlert() } })?.id).toBe(7);
    expect(alertOf({ ...event, type: "alert_update", data: { acknowledged: [7], all: false } })).toBeNull();
    expect(alertOf({ ...event, type: "job_update", data: { id: 1 } })).toBeNull();
  });
});
