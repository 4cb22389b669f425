/** The preferences as text fields, what may stand in them, and the request made of them. */
import { decimal, percentText, shareOf, wholeNumber } from "@/components/form";
import type { Preferences } from "@/lib/account";
import { isZone } from "@/lib/displayZone";

export interface PreferencesForm {
  readonly theme: Preferences["theme"];
  readonly timezone: string;
  /** An id, or empty. */
  readonly default_universe: string;
  readonly scan_window_years: string;
  readonly min_overlap: string;
  /** Percent. */
  readonly alpha: string;
  readonly base_currency: string;
  readonly capital: string;
  /** Percent of capital. */
  readonly risk_per_trade: string;
  readonly gross_limit: string;
  readonly entry_z: string;
  readonly exit_z: string;
}

export type PreferenceField = keyof PreferencesForm;
export type PreferenceErrors = Partial<Record<PreferenceField, string>>;

export function toForm(given: Preferences): PreferencesForm {
  return {
    theme: given.theme,
    timezone: given.timezone,
    default_universe: given.default_universe === null ? "" : String(given.default_universe),
    scan_window_years: String(given.scan_window_years),
    min_overlap: String(given.min_overlap),
    alpha: percentText(given.alpha),
    base_currency: given.base_currency,
    capital: String(given.capital),
    risk_per_trade: percentText(given.risk_per_trade),
    gross_limit: String(given.gross_limit),
    entry_z: String(given.entry_z),
    exit_z: String(given.exit_z),
  };
}

interface Rule {
  readonly read: (text: string) => number | null;
  readonly min: number;
  readonly max: number;
  readonly say: string;
}

const RULES = {
  scan_window_years: { read: wholeNumber, min: 1, max: 100, say: "Give whole years, from 1 to 100." },
  min_overlap: { read: wholeNumber, min: 30, max: 100_000, say: "Give a whole number of bars, from 30 to 100,000." },
  alpha: { read: shareOf, min: 1e-6, max: 0.5, say: "Give a percentage between 0.0001 and 50, for example 5." },
  capital: { read: decimal, min: 1, max: 1e12, say: "Give an amount of 1 or more, without separators." },
  risk_per_trade: { read: shareOf, min: 1e-5, max: 1, say: "Give a percentage between 0.001 and 100, for example 1." },
  gross_limit: { read: decimal, min: 0.01, max: 100, say: "Give a multiple of capital, for example 2." },
  entry_z: { read: decimal, min: 0.1, max: 20, say: "Give a number of σ between 0.1 and 20, for example 2." },
  exit_z: { read: decimal, min: -20, max: 20, say: "Give a number of σ between −20 and 20, for example 0.5." },
} as const satisfies Partial<Record<PreferenceField, Rule>>;

type NumberField = keyof typeof RULES;
const NUMBER_FIELDS = Object.keys(RULES) as NumberField[];

function numberOf(form: PreferencesForm, field: NumberField): number | null {
  const { read, min, max } = RULES[field];
  const value = read(form[field]);
  return value === null || value < min || value > max ? null : value;
}

/** What is wrong, field by field; empty when it can be saved. */
export function checkPreferences(form: PreferencesForm): PreferenceErrors {
  const errors: PreferenceErrors = {};
  for (const field of NUMBER_FIELDS) if (numberOf(form, field) === null) errors[field] = RULES[field].say;
  if (!isZone(form.timezone)) errors.timezone = "Give a name such as Europe/London.";
  if (!/^[A-Za-z]{3}$/.test(form.base_currency.trim())) errors.base_currency = "Give three letters, for example USD.";
  const entry = numberOf(form, "entry_z");
  const exit = numberOf(form, "exit_z");
  if (entry !== null && exit !== null && exit >= entry) errors.exit_z = `Must be below the entry at ${entry}.`;
  return errors;
}

/** What changed, as the server takes it; the form has passed `checkPreferences`. */
export function changedPreferences(form: PreferencesForm, before: Preferences): Partial<Preferences> {
  const next: Record<string, unknown> = {
    theme: form.theme,
    timezone: form.timezone,
    default_universe: form.default_universe === "" ? null : Number(form.default_universe),
    base_currency: form.base_currency.trim().toUpperCase(),
  };
  for (const field of NUMBER_FIELDS) next[field] = numberOf(form, field);
  const kept = before as unknown as Record<string, unknown>;
  return Object.fromEntries(Object.entries(next).filter(([field, value]) => value !== kept[field]));
}
