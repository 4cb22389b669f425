/** What the Alerts page keeps in the address. */
import { KINDS, SEVERITIES } from "@/lib/alertWords";
import type { AlertKind, Severity } from "@/lib/api";
import { compact, integer, oneOf, type RawSearch } from "@/lib/urlState";

export const VIEWS = ["rules", "channels"] as const;
export const STATES = ["all", "seen"] as const;

export interface AlertsSearch {
  /** The alerts themselves where it is not said. */
  view?: (typeof VIEWS)[number];
  /** Those not acknowledged yet where it is not said. */
  state?: (typeof STATES)[number];
  kind?: AlertKind;
  severity?: Severity;
  page?: number;
  /** A rule or channel being edited; 0 is a new one. */
  edit?: number;
  /** The alert told in full. */
  alert?: number;
}

export function parseAlertsSearch(raw: RawSearch): AlertsSearch {
  const page = integer(raw.page, 1);
  return compact({
    view: oneOf(raw.view, VIEWS),
    state: oneOf(raw.state, STATES),
    kind: oneOf(raw.kind, KINDS),
    severity: oneOf(raw.severity, SEVERITIES),
    page: page === 1 ? undefined : page,
    edit: integer(raw.edit, 0),
    alert: integer(raw.alert, 1),
  });
}
