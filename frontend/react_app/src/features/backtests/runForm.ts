/** The form of a new backtest: what it starts with, what is wrong in it, and the request made of it. */
import { decimal, isDay, shareOf, wholeNumber, percentText } from "@/components/form";
import type { BacktestCreateRequest, Backtest, CostModel, Preferences, RuleCard, RuleSetting, Sweep } from "@/lib/api";
import { parseSettings } from "@/lib/settingWords";
import { ticker } from "@/lib/urlState";

import type { NewBacktestSearch, RunKind } from "./search";

type CostsAsked = NonNullable<BacktestCreateRequest["costs"]>;

export interface RunFormValues {
  readonly name: string;
  readonly kind: RunKind;
  readonly symbol_1: string;
  readonly symbol_2: string;
  /** A pair a line: "KO / PEP". */
  readonly list: string;
  readonly scan: string;
  readonly top: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly rule: string;
  /** By name, as typed; empty is off where that is a value, and the default otherwise. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Id of a cost model; "" leaves it to the bars; "own" keeps those of the run it is like. */
  readonly costs: string;
  readonly capital: string;
  /** Per cent of equity in one pair; empty shares it out equally. */
  readonly fraction: string;
  readonly gross: string;
}

/** Field names as the form draws them; a rule's own are `parameters.entry_z`. */
export type RunFormErrors = Readonly<Record<string, string>>;

const text = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));

const LEGS = /[~/\s]+/;

/** Pairs from lines or from an address: "KO / PEP" or "KO~PEP", one a line or parted by commas. */
export function parsePairs(typed: string): { pairs: [string, string][]; wrong: string[] } {
  const pairs: [string, string][] = [];
  const wrong: string[] = [];
  for (const line of typed.split(/[\n,;]+/)) {
    if (line.trim() === "") continue;
    const legs = line.trim().split(LEGS).map((leg) => ticker(leg));
    const [first, second] = legs;
    if (legs.length === 2 && first && second && first !== second) pairs.push([first, second]);
    else wrong.push(line.trim());
  }
  return { pairs, wrong };
}

const listText = (pairs: readonly (readonly string[])[]) => pairs.map((legs) => legs.join(" / ")).join("\n");

/** What a rule starts with: its defaults, and entry and exit as the person has them. */
export function ruleDefaults(rule: RuleCard | undefined, preferences: Pick<Preferences, "entry_z" | "exit_z">): Record<string, string> {
  const own: Record<string, number> = { entry_z: preferences.entry_z, exit_z: preferences.exit_z };
  return Object.fromEntries((rule?.parameters ?? []).map(({ name, default: usual }) => [name, text(own[name] ?? usual)]));
}

/** What a backtest may start from: another one, or a combination of a sweep. */
export type Like = Pick<Backtest, "name" | "kind" | "pairs" | "scan" | "start_date" | "end_date" | "rule" | "parameters" | "costs" | "sizing" | "capital" | "limits">;

/** A combination of a sweep as a backtest to start from. */
export function likeSweep(sweep: Sweep, set: string | undefined): Like {
  return { ...sweep, name: "", kind: "pair", parameters: { ...sweep.parameters, ...parseSettings(set) } };
}

interface Sources {
  readonly rules: readonly RuleCard[];
  readonly preferences: Preferences;
  readonly search: NewBacktestSearch;
  /** The run it starts from. */
  readonly like: Like | null;
  /** A watched pair, where nothing else is said. */
  readonly suggested: readonly [string, string] | null;
}

function kindOf({ kind, symbol_1, pairs, scan }: NewBacktestSearch): RunKind {
  if (kind) return kind;
  if (scan !== undefined && pairs === undefined && symbol_1 === undefined) return "selection";
  return pairs === undefined ? "pair" : "list";
}

/** The form before anything is typed: of another run, of the address, of one's preferences. */
export function startForm({ rules, preferences, search, like, suggested }: Sources): RunFormValues {
  if (like) return likeForm(like, rules);
  const rule = rules.find(({ id }) => id === "rolling") ?? rules[0];
  const legs = search.symbol_1 === undefined && search.symbol_2 === undefined ? suggested : null;
  return {
    name: "",
    kind: kindOf(search),
    symbol_1: search.symbol_1 ?? legs?.[0] ?? "",
    symbol_2: search.symbol_2 ?? legs?.[1] ?? "",
    list: listText(parsePairs(search.pairs ?? "").pairs),
    scan: text(search.scan),
    top: text(search.top ?? 10),
    start_date: "",
    end_date: "",
    rule: rule?.id ?? "rolling",
    parameters: ruleDefaults(rule, preferences),
    costs: "",
    capital: text(preferences.capital),
    fraction: "",
    gross: text(preferences.gross_limit),
  };
}

function likeForm(run: Like, rules: readonly RuleCard[]): RunFormValues {
  const [first, second] = run.pairs[0] ?? [];
  const rule = rules.find(({ id }) => id === run.rule);
  const { fraction } = run.sizing;
  return {
    name: run.name,
    kind: run.kind,
    symbol_1: first ?? "",
    symbol_2: second ?? "",
    list: listText(run.pairs),
    scan: text(run.scan),
    top: text(run.kind === "selection" ? run.pairs.length : 10),
    start_date: run.start_date,
    end_date: run.end_date,
    rule: run.rule,
    parameters: Object.fromEntries((rule?.parameters ?? []).map(({ name }) => [name, text(run.parameters[name])])),
    costs: "own",
    capital: text(run.capital),
    fraction: fraction === undefined || run.sizing.name !== "fraction" ? "" : percentText(fraction),
    gross: text(run.limits.gross),
  };
}

/** What is wrong with one parameter alone. */
function parameterError({ integer, minimum, maximum, can_be_off: off }: RuleSetting, typed: string): string | null {
  if (typed.trim() === "") return off ? null : "Give a number.";
  const value = integer ? wholeNumber(typed) : numberOf(typed);
  if (value === null) return integer ? "Give a whole number." : "Give a number.";
  return value < minimum || value > maximum ? `Between ${minimum} and ${maximum}.` : null;
}

/** Decimals, and 1e-6 for variances. */
function numberOf(typed: string): number | null {
  const plain = decimal(typed);
  if (plain !== null) return plain;
  return /^\d+(\.\d+)?e-?\d+$/i.test(typed.trim()) ? Number(typed) : null;
}

/** Parameters that contradict each other, said at the one to change. */
function contradictions(parameters: RunFormValues["parameters"]): Record<string, string> {
  const of = (name: string) => numberOf(parameters[name] ?? "");
  const [entry, exit, stop] = [of("entry_z"), of("exit_z"), of("stop_z")];
  const errors: Record<string, string> = {};
  if (entry !== null && exit !== null && Math.abs(exit) >= entry) {
    errors["parameters.exit_z"] = `Below entry (${entry}): a trade would be left as it is entered.`;
  }
  if (entry !== null && stop !== null && stop <= entry) {
    errors["parameters.stop_z"] = `Above entry (${entry}): no trade could be entered.`;
  }
  return errors;
}

function legErrors({ symbol_1, symbol_2 }: RunFormValues): Record<string, string> {
  const errors: Record<string, string> = {};
  const legs = [symbol_1, symbol_2].map((typed) => ticker(typed));
  if (legs[0] === undefined) errors.symbol_1 = symbol_1.trim() === "" ? "Choose a symbol." : "No symbol is written like this.";
  if (legs[1] === undefined) errors.symbol_2 = symbol_2.trim() === "" ? "Choose a symbol." : "No symbol is written like this.";
  else if (legs[0] === legs[1]) errors.symbol_2 = "A symbol has no spread with itself; choose another.";
  return errors;
}

function tradedErrors(values: RunFormValues): Record<string, string> {
  if (values.kind === "pair") return legErrors(values);
  if (values.kind === "list") {
    const { pairs, wrong } = parsePairs(values.list);
    if (wrong.length > 0) return { list: `Two different symbols a line, as in KO / PEP; not so: ${wrong.slice(0, 3).join(", ")}.` };
    return pairs.length === 0 ? { list: "Give at least one pair, as in KO / PEP." } : {};
  }
  const errors: Record<string, string> = {};
  if (wholeNumber(values.scan) === null) errors.scan = "Choose a scan.";
  const top = wholeNumber(values.top);
  if (top === null || top < 1 || top > 100) errors.top = "1 to 100 pairs.";
  return errors;
}

function accountErrors({ start_date: start, end_date: end, capital, fraction, gross }: RunFormValues): Record<string, string> {
  const errors: Record<string, string> = {};
  if (start !== "" && !isDay(start)) errors.start_date = "Give a date as YYYY-MM-DD.";
  if (end !== "" && !isDay(end)) errors.end_date = "Give a date as YYYY-MM-DD.";
  else if (isDay(start) && isDay(end) && end <= start) errors.end_date = "The end must be after the start.";
  const money = decimal(capital);
  if (money === null || money < 1) errors.capital = "A plain number, at least 1.";
  const limit = decimal(gross);
  if (gross.trim() !== "" && (limit === null || limit <= 0)) errors.gross = "Above 0, or empty for none.";
  const share = shareOf(fraction);
  if (fraction.trim() !== "" && (share === null || share <= 0)) errors.fraction = "Above 0, or empty to share out equally.";
  else if (share !== null && limit !== null && limit > 0 && share > limit) {
    errors.fraction = `More than the gross limit of ${limit} × equity allows.`;
  }
  return errors;
}

/** What is wrong, by field; empty when the run can be asked for. */
export function checkRun(values: RunFormValues, rule: RuleCard | undefined): RunFormErrors {
  const single: Record<string, string> = {};
  for (const parameter of rule?.parameters ?? []) {
    const wrong = parameterError(parameter, values.parameters[parameter.name] ?? "");
    if (wrong !== null) single[`parameters.${parameter.name}`] = wrong;
  }
  return { ...tradedErrors(values), ...contradictions(values.parameters), ...single, ...accountErrors(values) };
}

function traded(values: RunFormValues): Partial<BacktestCreateRequest> {
  if (values.kind === "selection") return { scan: Number(values.scan), top: Number(values.top) };
  if (values.kind === "list") return { pairs: parsePairs(values.list).pairs };
  return { pairs: [[values.symbol_1.trim().toUpperCase(), values.symbol_2.trim().toUpperCase()]] };
}

function costsAsked(costs: string, like: Like | null): CostsAsked | undefined {
  if (costs === "") return undefined;
  return costs === "own" ? like?.costs : (costs as CostModel["id"]);
}

/** The request for values that passed `checkRun`. */
export function toRequest(values: RunFormValues, rule: RuleCard | undefined, like: Like | null = null): BacktestCreateRequest {
  const fraction = shareOf(values.fraction);
  const parameters = (rule?.parameters ?? []).map(({ name }) => [name, numberOf(values.parameters[name] ?? "")]);
  return {
    ...(values.name.trim() === "" ? {} : { name: values.name.trim() }),
    kind: values.kind,
    ...traded(values),
    rule: values.rule as BacktestCreateRequest["rule"],
    parameters: Object.fromEntries(parameters) as Record<string, number | null>,
    costs: costsAsked(values.costs, like),
    ...(fraction === null ? {} : { sizing: { name: "fraction", fraction } }),
    limits: { gross: decimal(values.gross) },
    capital: decimal(values.capital) ?? undefined,
    start_date: values.start_date || undefined,
    end_date: values.end_date || undefined,
  };
}

/** Server messages at the fields of the form; what belongs to none comes back in words. */
export function mapRefusals(fields: Readonly<Record<string, readonly string[]>>, values: RunFormValues): { errors: RunFormErrors; rest: string[] } {
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

const PLAIN = ["name", "symbol_1", "symbol_2", "scan", "top", "start_date", "end_date", "rule", "costs", "capital"];

function placeOf(field: string, { kind, parameters }: RunFormValues): string | null {
  if (field.startsWith("parameters.") || PLAIN.includes(field)) return field;
  // The engine names a parameter as the rule does.
  if (field in parameters) return `parameters.${field}`;
  if (field.startsWith("pairs")) return kind === "pair" ? "symbol_1" : kind === "list" ? "list" : "scan";
  if (field.startsWith("limits")) return "gross";
  if (field.startsWith("sizing")) return "fraction";
  return field.startsWith("costs.") ? "costs" : null;
}
