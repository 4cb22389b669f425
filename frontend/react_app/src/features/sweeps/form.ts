/** The form of a new sweep or search: what it starts with, what is wrong in it, and the request made of it. */
import { decimal, isDay, wholeNumber } from "@/components/form";
import type { Backtest, Costs, CostModel, Preferences, RuleCard, RuleSetting, Sizing, Sweep, SweepCreateRequest } from "@/lib/api";
import { ticker } from "@/lib/urlState";

import type { Method, SweepsSearch } from "./search";

/** One setting: a value, or a range to try. */
export interface SettingValues {
  readonly varies: boolean;
  /** As typed; empty is off where that is a value. */
  readonly value: string;
  readonly from: string;
  readonly to: string;
  /** How many values of a grid, ends included. */
  readonly n: string;
  /** Distance of the values of a search; empty is any value. */
  readonly step: string;
  readonly log: boolean;
}

export interface FormValues {
  readonly method: Method;
  readonly symbol_1: string;
  readonly symbol_2: string;
  readonly rule: string;
  readonly settings: Readonly<Record<string, SettingValues>>;
  readonly n_trials: string;
  readonly seed: string;
  /** Id of a cost model; "" leaves it to the bars; "own" keeps those of what it is like. */
  readonly costs: string;
  readonly capital: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly name: string;
}

export type FormErrors = Readonly<Record<string, string>>;

/** What it may start from: a backtest, or another sweep. */
export interface Like {
  readonly pair: readonly string[];
  readonly rule: string;
  readonly parameters: Readonly<Record<string, number | null>>;
  readonly costs: Costs;
  readonly sizing: Sizing;
  readonly capital: number;
  readonly start_date: string;
  readonly end_date: string;
  readonly sweep: Pick<Sweep, "method" | "grid" | "ranges" | "n_trials" | "seed"> | null;
}

export const MOST_COMBINATIONS = 100_000;
export const MOST_TRIALS = 2_000;
const GRID_VALUES = 7;
const VARIED: Readonly<Record<Method, readonly string[]>> = { grid: ["window", "entry_z"], search: ["window", "entry_z", "exit_z"] };

export function likeOf(run: Backtest | Sweep): Like {
  return {
    ...run,
    pair: run.pairs[0] ?? [],
    sweep: "method" in run ? run : null,
  };
}

const text = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(Number(value.toPrecision(8))));

/** A sixth of what the rule takes to either side of a value, on its steps; where it is off, the lower half. */
export function usualRange({ minimum, maximum, step }: RuleSetting, value: number | null): { from: number; to: number } {
  const span = maximum - minimum;
  const on = (place: number) => Number((minimum + Math.round((place - minimum) / step) * step).toPrecision(8));
  const middle = value ?? minimum + span / 4;
  const from = on(Math.max(minimum, middle - span / 6));
  const to = on(Math.min(maximum, middle + span / 6));
  return from < to ? { from, to } : { from: minimum, to: maximum };
}

function settingOf(setting: RuleSetting, value: number | null, varies: boolean, sweep: Like["sweep"]): SettingValues {
  const { from, to } = usualRange(setting, value);
  const start = { varies, value: text(value), from: text(from), to: text(to), n: String(GRID_VALUES), step: "", log: false };
  const range = sweep?.ranges[setting.name];
  if (range) return { ...start, varies: true, from: text(range.from), to: text(range.to), step: text(range.step), log: range.log };
  const tried = sweep?.grid[setting.name]?.filter((each) => each !== null);
  if (!tried || tried.length < 2) return { ...start, varies: sweep ? false : varies, value: tried?.length === 1 ? text(tried[0]) : start.value };
  return { ...start, varies: true, from: text(Math.min(...tried)), to: text(Math.max(...tried)), n: String(tried.length) };
}

/** A rule's settings as the form holds them. */
export function settingsOf(rule: RuleCard | undefined, method: Method, own: Readonly<Record<string, number | null>>, sweep: Like["sweep"] = null): Record<string, SettingValues> {
  return Object.fromEntries(
    (rule?.parameters ?? []).map((setting) => {
      const value = setting.name in own ? (own[setting.name] ?? null) : setting.default;
      return [setting.name, settingOf(setting, value, VARIED[method].includes(setting.name), sweep)];
    }),
  );
}

interface Sources {
  readonly rules: readonly RuleCard[];
  readonly preferences: Preferences;
  readonly search: SweepsSearch;
  readonly like: Like | null;
}

/** The form before anything is typed: of another run, of the address, of one's preferences. */
export function startForm({ rules, preferences, search, like }: Sources): FormValues {
  const rule = rules.find(({ id }) => id === (like?.rule ?? "rolling")) ?? rules[0];
  const method = search.method ?? like?.sweep?.method ?? "grid";
  const own = like?.parameters ?? { entry_z: preferences.entry_z, exit_z: preferences.exit_z };
  return {
    method,
    symbol_1: like?.pair[0] ?? search.symbol_1 ?? "",
    symbol_2: like?.pair[1] ?? search.symbol_2 ?? "",
    rule: rule?.id ?? "rolling",
    settings: settingsOf(rule, method, own, like?.sweep?.method === method ? like.sweep : null),
    n_trials: String(like?.sweep?.n_trials ?? 200),
    seed: String(like?.sweep?.seed ?? 1),
    costs: like ? "own" : "",
    capital: String(like?.capital ?? preferences.capital),
    start_date: like?.start_date ?? "",
    end_date: like?.end_date ?? "",
    name: "",
  };
}

/** Decimals, and 1e-6 for variances. */
export function numberOf(typed: string): number | null {
  const plain = decimal(typed);
  if (plain !== null) return plain;
  return /^\d+(\.\d+)?e-?\d+$/i.test(typed.trim()) ? Number(typed) : null;
}

/** How many combinations the grid has, those that contradict themselves among them. */
export function combinations({ settings }: Pick<FormValues, "settings">): number {
  return Object.values(settings).reduce((product, { varies, n }) => product * (varies ? Math.max(1, wholeNumber(n) ?? 1) : 1), 1);
}

export const varied = ({ settings }: Pick<FormValues, "settings">): string[] => Object.keys(settings).filter((name) => settings[name]?.varies);

function singleError({ integer, minimum, maximum, can_be_off: off }: RuleSetting, typed: string): string | null {
  if (typed.trim() === "") return off ? null : "Give a number.";
  const value = integer ? wholeNumber(typed) : numberOf(typed);
  if (value === null) return integer ? "Give a whole number." : "Give a number.";
  return value < minimum || value > maximum ? `Between ${minimum} and ${maximum}.` : null;
}

function rangeErrors(setting: RuleSetting, values: SettingValues, method: Method): Record<string, string> {
  const errors: Record<string, string> = {};
  const at = (part: string) => `settings.${setting.name}.${part}`;
  const always = { ...setting, can_be_off: false };
  const [from, to] = [numberOf(values.from), numberOf(values.to)];
  for (const part of ["from", "to"] as const) {
    const wrong = singleError(always, values[part]);
    if (wrong !== null) errors[at(part)] = wrong;
  }
  if (from !== null && to !== null && to <= from) errors[at("to")] = `Above ${from}.`;
  if (method === "grid") {
    const n = wholeNumber(values.n);
    if (n === null || n < 2 || n > 1_000) errors[at("n")] = "2 to 1,000 values.";
    return errors;
  }
  const step = values.step.trim() === "" ? null : numberOf(values.step);
  if (values.step.trim() !== "" && (step === null || step <= 0 || (from !== null && to !== null && step > to - from))) {
    errors[at("step")] = "Above 0 and within the range, or empty.";
  } else if (values.log && values.step.trim() !== "") errors[at("step")] = "Empty where ratios count.";
  if (values.log && from !== null && from <= 0) errors[at("from")] = "Above 0 where ratios count.";
  return errors;
}

/** Least and most a setting is tried at; null where it is off or no number. */
function ends(values: SettingValues | undefined): [number, number] | null {
  const [low, high] = values?.varies ? [numberOf(values.from), numberOf(values.to)] : [numberOf(values?.value ?? ""), numberOf(values?.value ?? "")];
  return low === null || high === null ? null : [low, high];
}

/** Where no combination at all could be run, said at the setting to change. */
function contradictions({ settings }: FormValues): Record<string, string> {
  const [entry, exit, stop] = [ends(settings.entry_z), ends(settings.exit_z), ends(settings.stop_z)];
  const place = (name: string) => `settings.${name}.${settings[name]?.varies ? "from" : "value"}`;
  if (entry && exit && Math.min(Math.abs(exit[0]), Math.abs(exit[1])) >= entry[1] && exit[0] * exit[1] > 0) {
    return { [place("exit_z")]: `Below entry (${entry[1]} at most).` };
  }
  if (entry && stop && stop[1] <= entry[0]) return { [place("stop_z")]: `Above entry (${entry[0]} at least).` };
  return {};
}

function legErrors({ symbol_1, symbol_2 }: FormValues): Record<string, string> {
  const errors: Record<string, string> = {};
  const [first, second] = [ticker(symbol_1), ticker(symbol_2)];
  if (first === undefined) errors.symbol_1 = symbol_1.trim() === "" ? "Choose a symbol." : "No symbol is written like this.";
  if (second === undefined) errors.symbol_2 = symbol_2.trim() === "" ? "Choose a symbol." : "No symbol is written like this.";
  else if (first === second) errors.symbol_2 = "A symbol has no spread with itself; choose another.";
  return errors;
}

function methodErrors(values: FormValues): Record<string, string> {
  if (varied(values).length === 0) return { settings: "Let at least one setting vary." };
  if (values.method === "grid") {
    const n = combinations(values);
    return n > MOST_COMBINATIONS ? { settings: `${n.toLocaleString("en-US")} combinations, and at most ${MOST_COMBINATIONS.toLocaleString("en-US")} are tried: take fewer values, or search.` } : {};
  }
  const errors: Record<string, string> = {};
  if (varied(values).length > 8) errors.settings = "Search at most 8 settings at once.";
  const trials = wholeNumber(values.n_trials);
  if (trials === null || trials < 2 || trials > MOST_TRIALS) errors.n_trials = "2 to 2,000.";
  const seed = wholeNumber(values.seed);
  if (seed === null || seed >= 2 ** 32) errors.seed = "A whole number.";
  return errors;
}

function accountErrors({ start_date: start, end_date: end, capital }: FormValues): Record<string, string> {
  const errors: Record<string, string> = {};
  if (start !== "" && !isDay(start)) errors.start_date = "Give a date as YYYY-MM-DD.";
  if (end !== "" && !isDay(end)) errors.end_date = "Give a date as YYYY-MM-DD.";
  else if (isDay(start) && isDay(end) && end <= start) errors.end_date = "The end must be after the start.";
  const money = decimal(capital);
  if (money === null || money < 1) errors.capital = "A plain number, at least 1.";
  return errors;
}

/** What is wrong, by field; empty when the sweep can be asked for. */
export function checkForm(values: FormValues, rule: RuleCard | undefined): FormErrors {
  const single: Record<string, string> = {};
  for (const setting of rule?.parameters ?? []) {
    const typed = values.settings[setting.name];
    if (!typed) continue;
    if (typed.varies) Object.assign(single, rangeErrors(setting, typed, values.method));
    else {
      const wrong = singleError(setting, typed.value);
      if (wrong !== null) single[`settings.${setting.name}.value`] = wrong;
    }
  }
  return { ...legErrors(values), ...contradictions(values), ...single, ...methodErrors(values), ...accountErrors(values) };
}

function tried(values: FormValues): Pick<SweepCreateRequest, "method" | "grid" | "ranges" | "n_trials" | "seed"> {
  const chosen = Object.entries(values.settings).filter(([, { varies }]) => varies);
  const both = ({ from, to }: SettingValues) => ({ from: numberOf(from) ?? 0, to: numberOf(to) ?? 0 });
  if (values.method === "grid") {
    return { method: "grid", grid: Object.fromEntries(chosen.map(([name, each]) => [name, { ...both(each), n: Number(each.n) }])) };
  }
  const ranges = chosen.map(([name, each]) => {
    const step = each.step.trim() === "" ? {} : { step: numberOf(each.step) ?? 0 };
    return [name, { ...both(each), ...step, ...(each.log ? { log: true } : {}) }] as const;
  });
  return { method: "search", ranges: Object.fromEntries(ranges), n_trials: Number(values.n_trials), seed: Number(values.seed) };
}

/** The request for values that passed `checkForm`. */
export function toRequest(values: FormValues, like: Like | null = null): SweepCreateRequest {
  const fixed = Object.entries(values.settings).filter(([, { varies }]) => !varies);
  return {
    ...(values.name.trim() === "" ? {} : { name: values.name.trim() }),
    pair: [values.symbol_1.trim().toUpperCase(), values.symbol_2.trim().toUpperCase()],
    rule: values.rule as RuleCard["id"],
    parameters: Object.fromEntries(fixed.map(([name, { value }]) => [name, numberOf(value)])),
    ...tried(values),
    ...(values.costs === "" ? {} : { costs: values.costs === "own" ? like?.costs : (values.costs as CostModel["id"]) }),
    ...(like && like.sizing.name !== "kelly" && values.costs === "own" ? { sizing: like.sizing } : {}),
    capital: decimal(values.capital) ?? undefined,
    start_date: values.start_date || undefined,
    end_date: values.end_date || undefined,
  };
}

const PLAIN: readonly string[] = ["symbol_1", "symbol_2", "rule", "n_trials", "seed", "costs", "capital", "start_date", "end_date", "name"];

/** Server messages at the fields of the form; what belongs to none comes back in words. */
export function mapRefusals(fields: Readonly<Record<string, readonly string[]>>, values: FormValues): { errors: FormErrors; rest: string[] } {
  const errors: Record<string, string> = {};
  const rest: string[] = [];
  for (const [field, messages] of Object.entries(fields)) {
    const said = messages.join(" ");
    const place = placeOf(field, values);
    if (place === null) rest.push(field === "non_field_errors" ? said : `${field.replaceAll("_", " ")}: ${said}`);
    else errors[place] = said;
  }
  return { errors, rest };
}

function placeOf(field: string, { settings }: FormValues): string | null {
  if (PLAIN.includes(field)) return field;
  if (field === "pair" || field === "pairs") return "symbol_2";
  if (field === "grid" || field === "ranges") return "settings";
  const setting = field.replace(/^(grid|ranges|parameters)\./, "");
  return setting in settings ? `settings.${setting}.${settings[setting]?.varies ? "from" : "value"}` : null;
}
