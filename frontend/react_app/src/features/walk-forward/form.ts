/** The form of a new walk-forward: what it starts with, what is wrong in it, and the request made of it. */
import { decimal, isDay, wholeNumber } from "@/components/form";
import type { CostModel, PairSelection, Preferences, RuleName, Sweep, WalkForwardCreateRequest, WalkForwardScheme } from "@/lib/api";
import { ticker } from "@/lib/urlState";

import type { WalkForwardsSearch } from "./search";

export type Subject = "universe" | "scan" | "pairs";

export interface FormValues {
  readonly name: string;
  readonly subject: Subject;
  readonly universe: string;
  readonly scan: string;
  /** A pair a line: "KO / PEP". */
  readonly pairs: string;
  readonly scheme: WalkForwardScheme;
  readonly train_bars: string;
  readonly test_bars: string;
  readonly purge: string;
  readonly embargo: string;
  readonly top: string;
  readonly selection: PairSelection;
  readonly rule: string;
  /** Values tried, separated by commas; empty leaves the rule's own. */
  readonly entry_z: string;
  readonly exit_z: string;
  readonly window: string;
  readonly stop_z: string;
  /** What a sweep tried of other settings, and its own fixed ones: kept as they are. */
  readonly others: Grid;
  readonly parameters: Readonly<Record<string, number | null>>;
  /** Id of a cost model; "" leaves it to the bars; "own" are those of the sweep. */
  readonly costs: string;
  readonly capital: string;
  readonly start_date: string;
  readonly end_date: string;
}

export type Grid = Readonly<Record<string, readonly (number | null)[]>>;
/** Fields with words in them. */
export type FormField = Exclude<keyof FormValues, "others" | "parameters">;
export type FormErrors = Partial<Record<FormField, string>>;

/** The fields in the order they stand on the page. */
export const FORM_FIELDS = [
  "universe", "scan", "pairs", "train_bars", "test_bars", "scheme", "top", "selection", "rule", "entry_z", "exit_z",
  "window", "stop_z", "costs", "capital", "purge", "embargo", "start_date", "end_date", "name",
] as const satisfies readonly FormField[]; // prettier-ignore

/** Settings whose values may be a grid. */
export const GRID_FIELDS = ["entry_z", "exit_z", "window", "stop_z"] as const;
type GridField = (typeof GRID_FIELDS)[number];

const LEGS = /[~/\s]+/;

/** Pairs from lines or from an address. */
export function parsePairs(typed: string): { pairs: [string, string][]; wrong: string[] } {
  const pairs: [string, string][] = [];
  const wrong: string[] = [];
  for (const line of typed.split(/[\n,;]+/)) {
    if (line.trim() === "") continue;
    const [first, second, third] = line.trim().split(LEGS).map((leg) => ticker(leg));
    if (first && second && first !== second && third === undefined) pairs.push([first, second]);
    else wrong.push(line.trim());
  }
  return { pairs, wrong };
}

/** Values of a grid, separated by commas or blanks; null where one is no number. */
export function parseGrid(typed: string): number[] | null {
  const parts = typed.split(/[,;\s]+/).filter((part) => part !== "");
  const values = parts.map(decimal);
  return values.includes(null) ? null : [...new Set(values as number[])];
}

/** How many combinations a window tries for a pair. */
export function combinations(values: FormValues): number {
  const others = Object.values(values.others).reduce((product, each) => product * Math.max(1, each.length), 1);
  return GRID_FIELDS.reduce((product, name) => product * Math.max(1, parseGrid(values[name])?.length ?? 1), others);
}

const MOST_COMBINATIONS = 1_000;

/** Values that each window tries of a setting: few, for every window and pair pays for all of them. */
const valuesEach = (settings: number): number => [5, 3].find((most) => most ** settings <= MOST_COMBINATIONS) ?? 2;

const spread = (values: readonly (number | null)[], most: number): (number | null)[] =>
  values.length <= most ? [...values] : Array.from({ length: most }, (_, at) => values[Math.round((at * (values.length - 1)) / (most - 1))] ?? null);

/** What a sweep tried, as the few values a setting that a walk-forward tries in each window; of ranges evenly spread ones. */
export function gridOf({ method, grid, ranges, parameters }: Pick<Sweep, "method" | "grid" | "ranges" | "parameters">): Grid {
  const most = valuesEach(Object.keys(method === "grid" ? grid : ranges).length);
  if (method === "grid") return Object.fromEntries(Object.entries(grid).map(([name, values]) => [name, spread(values, most)]));
  return Object.fromEntries(
    Object.entries(ranges).map(([name, { from, to, log }]) => {
      const whole = Number.isInteger(parameters[name] ?? 0.5) && Number.isInteger(from) && Number.isInteger(to) && to - from >= most;
      const places = Array.from({ length: most }, (_, at) => at / (most - 1));
      const values = places.map((at) => (log ? from * (to / from) ** at : from + at * (to - from)));
      return [name, [...new Set(values.map((value) => (whole ? Math.round(value) : Number(value.toPrecision(4)))))]];
    }),
  );
}

const isGridField = (name: string): name is GridField => GRID_FIELDS.some((each) => each === name);

/** The form of what a sweep tried. */
function fromSweep(sweep: Sweep): Partial<FormValues> {
  const grid = gridOf(sweep);
  const typed = (name: GridField) => {
    const values = grid[name] ?? [sweep.parameters[name] ?? null];
    return values.filter((value) => value !== null).join(", ");
  };
  return {
    subject: "pairs",
    pairs: sweep.pairs.map((legs) => legs.join(" / ")).join("\n"),
    rule: sweep.rule,
    ...Object.fromEntries(GRID_FIELDS.map((name) => [name, typed(name)])),
    others: Object.fromEntries(Object.entries(grid).filter(([name]) => !isGridField(name))),
    parameters: Object.fromEntries(Object.entries(sweep.parameters).filter(([name]) => !isGridField(name) && !(name in grid))),
    costs: "own",
    capital: String(sweep.capital),
  };
}

/** The form before anything is typed. */
export function startForm(search: WalkForwardsSearch, preferences: Preferences, universe: string, sweep: Sweep | null = null): FormValues {
  return {
    name: "",
    subject: search.pairs !== undefined ? "pairs" : search.scan !== undefined ? "scan" : "universe",
    universe,
    scan: search.scan === undefined ? "" : String(search.scan),
    pairs: parsePairs(search.pairs ?? "").pairs.map((legs) => legs.join(" / ")).join("\n"),
    scheme: "rolling",
    train_bars: "504",
    test_bars: "126",
    purge: "",
    embargo: "",
    top: "5",
    selection: "strongest",
    rule: "rolling",
    entry_z: "1.5, 2, 2.5",
    exit_z: String(preferences.exit_z),
    window: "40, 60",
    stop_z: "",
    others: {},
    parameters: {},
    costs: "",
    capital: String(preferences.capital),
    start_date: "",
    end_date: "",
    ...(sweep ? fromSweep(sweep) : {}),
  };
}

const whole = (typed: string, from: number, to: number): string | null => {
  const value = wholeNumber(typed);
  return value === null || value < from || value > to ? `A whole number, ${from} to ${to.toLocaleString("en-US")}.` : null;
};

function subjectErrors(values: FormValues): FormErrors {
  if (values.subject === "universe") return wholeNumber(values.universe) === null ? { universe: "Choose a universe." } : {};
  if (values.subject === "scan") return wholeNumber(values.scan) === null ? { scan: "Choose a scan." } : {};
  const { pairs, wrong } = parsePairs(values.pairs);
  if (wrong.length > 0) return { pairs: `Not two different symbols: ${wrong.slice(0, 3).join(", ")}.` };
  return pairs.length === 0 ? { pairs: "Give a pair a line, for example KO / PEP." } : {};
}

function gridErrors(values: FormValues): FormErrors {
  const errors: FormErrors = {};
  const grids = {} as Record<GridField, number[]>;
  for (const name of GRID_FIELDS) {
    const grid = parseGrid(values[name]);
    if (grid === null) errors[name] = "Numbers, separated by commas.";
    grids[name] = grid ?? [];
  }
  if (grids.window.some((bars) => !Number.isInteger(bars) || bars < 5)) errors.window = "Whole bars, 5 or more.";
  const least = Math.min(...grids.entry_z);
  if (grids.exit_z.some((exit) => exit >= least)) errors.exit_z = `Below every entry (${least}).`;
  const most = Math.max(...grids.entry_z);
  if (grids.stop_z.some((stop) => stop <= most)) errors.stop_z = `Above every entry (${most}).`;
  if (Object.keys(errors).length === 0 && combinations(values) > MOST_COMBINATIONS) errors.entry_z = "More than 1,000 combinations: take fewer values.";
  return errors;
}

function dateErrors({ start_date: start, end_date: end }: FormValues): FormErrors {
  if (start !== "" && !isDay(start)) return { start_date: "YYYY-MM-DD." };
  if (end !== "" && !isDay(end)) return { end_date: "YYYY-MM-DD." };
  return start !== "" && end !== "" && end <= start ? { end_date: "After the start." } : {};
}

/** What is wrong with the values, field by field; empty when the walk-forward can be asked for. */
export function checkForm(values: FormValues): FormErrors {
  const errors: FormErrors = { ...subjectErrors(values), ...gridErrors(values), ...dateErrors(values) };
  const ranges = [
    ["train_bars", 60, 20_000],
    ["test_bars", 10, 5_000],
    ...(values.subject === "pairs" ? [] : [["top", 1, 50] as const]),
    ...(["purge", "embargo"] as const).filter((name) => values[name].trim() !== "").map((name) => [name, 0, 5_000] as const),
  ] as const;
  for (const [name, from, to] of ranges) {
    const wrong = whole(values[name], from, to);
    if (wrong) errors[name] = wrong;
  }
  const capital = decimal(values.capital);
  if (capital === null || capital < 1) errors.capital = "A plain number, at least 1.";
  return errors;
}

/** The request for values that passed `checkForm`. */
export function toRequest(values: FormValues, sweep: Sweep | null = null): WalkForwardCreateRequest {
  const grid = Object.fromEntries(
    GRID_FIELDS.map((name) => [name, parseGrid(values[name]) ?? []] as const).filter(([, each]) => each.length > 0),
  );
  const optional = (name: "purge" | "embargo") => (values[name].trim() === "" ? {} : { [name]: Number(values[name]) });
  return {
    ...(values.name.trim() === "" ? {} : { name: values.name.trim() }),
    ...(values.subject === "universe" ? { universe: Number(values.universe) } : {}),
    ...(values.subject === "scan" ? { scan: Number(values.scan) } : {}),
    ...(values.subject === "pairs" ? { pairs: parsePairs(values.pairs).pairs } : { top: Number(values.top), selection: values.selection }),
    scheme: values.scheme,
    train_bars: Number(values.train_bars),
    test_bars: Number(values.test_bars),
    ...optional("purge"),
    ...optional("embargo"),
    rule: values.rule as RuleName,
    ...(Object.keys(values.parameters).length === 0 ? {} : { parameters: values.parameters }),
    grid: { ...grid, ...values.others } as WalkForwardCreateRequest["grid"],
    ...(values.costs === "" ? {} : { costs: values.costs === "own" ? sweep?.costs : (values.costs as CostModel["id"]) }),
    capital: decimal(values.capital) ?? 100_000,
    timeframe: "1d",
    ...(values.start_date === "" ? {} : { start_date: values.start_date }),
    ...(values.end_date === "" ? {} : { end_date: values.end_date }),
  };
}
