import { mapServerErrors } from "@/components/form";
import type { ApiError } from "@/lib/api";

import type { PreferenceErrors, PreferenceField } from "./preferencesForm";

const FIELDS: readonly PreferenceField[] = [
  "theme",
  "timezone",
  "default_universe",
  "scan_window_years",
  "min_overlap",
  "alpha",
  "base_currency",
  "capital",
  "risk_per_trade",
  "gross_limit",
  "entry_z",
  "exit_z",
];

/** The server's words at their fields; it names them `preferences.alpha`, for they are part of the account. */
export function preferenceErrors({ fields }: Pick<ApiError, "fields">): { errors: PreferenceErrors; rest: string[] } {
  const bare = Object.entries(fields).map(([name, words]) => [name.replace(/^preferences\./, ""), words] as const);
  return mapServerErrors(Object.fromEntries(bare), FIELDS);
}
