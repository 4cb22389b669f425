/** A rule as its form holds it, and back; each kind has parameters of its own. */
import { decimal, percentText, shareOf, wholeNumber } from "@/components/form";
import type { AlertKind, AlertRule, AlertRuleUpdateRequest, AlertRuleParameters, JobKind, Severity } from "@/lib/api";
import { formatCount, formatDuration, plural } from "@/lib/format";
import { shortPercent } from "@/lib/scanWords";

/** Parameters typed as numbers. */
export type NumberName = "min_seconds" | "min_discoveries" | "max_sessions" | "min_rows" | "min_coverage" | "min_confidence";

interface NumberField {
  readonly label: string;
  readonly description?: string;
  readonly usual: number;
  readonly read: (typed: string) => number | null;
  readonly show: (value: number) => string;
  readonly least: number;
  readonly most: number;
  /** What may be typed, for whoever typed something else. */
  readonly bounds: string;
}

const whole = { read: wholeNumber, show: String };

export const NUMBERS: Record<NumberName, NumberField> = {
  min_seconds: {
    label: "Only if it took, s",
    usual: 0,
    read: decimal,
    show: String,
    least: 0,
    most: 86_400,
    bounds: "From 0 to 86,400 seconds.",
  },
  min_discoveries: {
    label: "Pairs that survive, at least",
    usual: 1,
    ...whole,
    least: 1,
    most: 1_000_000,
    bounds: "A whole number from 1 to 1,000,000.",
  },
  max_sessions: {
    label: "Sessions behind, at most",
    description: "More than this is told. Sessions are the exchange's trading days.",
    usual: 1,
    ...whole,
    least: 0,
    most: 1_000,
    bounds: "A whole number from 0 to 1,000.",
  },
  min_rows: {
    label: "Rows set aside, at least",
    usual: 1,
    ...whole,
    least: 1,
    most: 1_000_000_000,
    bounds: "A whole number from 1.",
  },
  min_coverage: {
    label: "Least share of sessions with a bar, %",
    usual: 0.98,
    read: shareOf,
    show: percentText,
    least: 0,
    most: 1,
    bounds: "From 0 to 100 %.",
  },
  min_confidence: {
    label: "Entries won so often before, %",
    description: "Share of the rule's past trades on the pair that won. Above 0, pairs with too few of them stay silent.",
    usual: 0,
    read: shareOf,
    show: percentText,
    least: 0,
    most: 1,
    bounds: "From 0 to 100 %.",
  },
};

/** Which numbers a kind has, and whether it may be narrowed to job kinds or a universe. */
export const OF_KIND: Record<AlertKind, { numbers: readonly NumberName[]; jobKinds?: true; universe?: true }> = {
  job_failed: { numbers: [], jobKinds: true },
  job_completed: { numbers: ["min_seconds"], jobKinds: true },
  scan_discoveries: { numbers: ["min_discoveries"], universe: true },
  data_stale: { numbers: ["max_sessions"], universe: true },
  rows_set_aside: { numbers: ["min_rows"] },
  coverage_low: { numbers: ["min_coverage"], universe: true },
  signal: { numbers: ["min_confidence"] },
};

export interface RuleValues {
  kind: AlertKind;
  severity: Severity;
  in_app: boolean;
  channels: readonly number[];
  is_active: boolean;
  job_kinds: readonly JobKind[];
  universe: number | null;
  numbers: Record<NumberName, string>;
}

const NAMES = Object.keys(NUMBERS) as NumberName[];

/** The form of a rule, or of a new one. */
export function valuesOf(rule: AlertRule | null): RuleValues {
  const parameters: AlertRuleParameters = rule?.parameters ?? {};
  const text = (name: NumberName) => NUMBERS[name].show(parameters[name] ?? NUMBERS[name].usual);
  return {
    kind: rule?.kind ?? "job_failed",
    severity: rule?.severity ?? "warning",
    in_app: rule?.in_app ?? true,
    channels: rule?.channels ?? [],
    is_active: rule?.is_active ?? true,
    job_kinds: parameters.job_kinds ?? [],
    universe: parameters.universe ?? null,
    numbers: Object.fromEntries(NAMES.map((name) => [name, text(name)])) as Record<NumberName, string>,
  };
}

export type RuleErrors = Partial<Record<NumberName | "ways", string>>;

/** What is wrong with the form, by field; empty where it can be kept. */
export function checkRule({ kind, numbers, in_app, channels }: RuleValues): RuleErrors {
  const errors: RuleErrors = {};
  for (const name of OF_KIND[kind].numbers) {
    const { read, least, most, bounds } = NUMBERS[name];
    const value = read(numbers[name]);
    if (value === null || value < least || value > most) errors[name] = bounds;
  }
  if (!in_app && channels.length === 0) errors.ways = "Choose at least one way to be told.";
  return errors;
}

/** What is sent of a form without errors: the parameters of its kind and no others. */
export function toBody(values: RuleValues): { kind: AlertKind; body: AlertRuleUpdateRequest } {
  const { kind, severity, in_app, channels, is_active } = values;
  const has = OF_KIND[kind];
  const parameters: AlertRuleParameters = {};
  for (const name of has.numbers) parameters[name] = NUMBERS[name].read(values.numbers[name]) ?? NUMBERS[name].usual;
  if (has.jobKinds) parameters.job_kinds = [...values.job_kinds];
  if (has.universe) parameters.universe = values.universe;
  return { kind, body: { severity, in_app, channels: [...channels], is_active, parameters } };
}

/** Kinds of jobs a rule can be narrowed to, as people call them. */
export const JOB_KIND_WORDS: Readonly<Partial<Record<JobKind, string>>> = { scan: "scans", ingest: "uploads" };

export const JOB_KINDS = Object.keys(JOB_KIND_WORDS) as JobKind[];

/** When the rule speaks, in a phrase: "more than 1 session behind, US large caps". */
export function ruleWords({ kind, parameters }: Pick<AlertRule, "kind" | "parameters">, universe: string | null): string {
  const of = (name: NumberName) => parameters[name] ?? NUMBERS[name].usual;
  const where = universe ?? "any universe";
  const jobs = (parameters.job_kinds ?? []).map((each) => JOB_KIND_WORDS[each] ?? each).join(", ") || "any job";
  switch (kind) {
    case "job_failed":
      return jobs;
    case "job_completed":
      return of("min_seconds") > 0 ? `${jobs}, after ${formatDuration(of("min_seconds"))} or more` : jobs;
    case "scan_discoveries":
      return `${plural(of("min_discoveries"), "pair")} or more, ${where}`;
    case "data_stale":
      return `more than ${plural(of("max_sessions"), "session")} behind, ${where}`;
    case "rows_set_aside":
      return `${formatCount(of("min_rows"))} or more`;
    case "coverage_low":
      return `below ${shortPercent(of("min_coverage"))} of sessions, ${where}`;
    case "signal":
      return of("min_confidence") > 0
        ? `entries that won ${shortPercent(of("min_confidence"))} of the time, exits and stops`
        : "entries, exits and stops";
  }
}
