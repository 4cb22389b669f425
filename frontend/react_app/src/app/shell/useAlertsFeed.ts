import { useQueryClient } from "@tanstack/react-query";

import type { Alert, Event } from "@/lib/api";
import { subjectHref } from "@/lib/jobWords";
import { notify } from "@/lib/notices";
import { alertOf, putAlert } from "@/lib/queries";
import { useStream } from "@/lib/socket";

/** Told as the job ends already: an alert of it would say the same twice. */
const TOLD_BY_JOBS: readonly Alert["kind"][] = ["job_failed", "job_completed", "scan_discoveries", "rows_set_aside"];

/** Whether an alert is news worth a notice: told for the first time, not looked at, and not told by its job. */
export function isNews({ kind, count, acknowledged_at }: Pick<Alert, "kind" | "count" | "acknowledged_at">): boolean {
  return acknowledged_at === null && count === 1 && !TOLD_BY_JOBS.includes(kind);
}

function tell({ severity, title, message, subject }: Alert): void {
  notify({
    tone: severity === "info" ? "plain" : "bad",
    title,
    text: message,
    link: { href: subjectHref(subject) ?? "/alerts", label: subjectHref(subject) ? "Open" : "See Alerts" },
  });
}

/** Follows one's alerts over the socket: lists and badge stay right, and what is new is told. */
export function useAlertsFeed(): void {
  const client = useQueryClient();
  const onEvent = (event: Event) => {
    if (event.type !== "alert_update") return;
    const alert = alertOf(event);
    if (!alert) {
      void client.invalidateQueries({ queryKey: ["alerts"] });
      return;
    }
    putAlert(client, alert);
    if (isNews(alert)) tell(alert);
  };
  useStream({ stream: "user" }, onEvent, () => void client.invalidateQueries({ queryKey: ["alerts"] }));
}
