/** The sliders of a rule: where they start, what pushes what, and how an address holds them. */
import type { QuickBacktestRequest, RuleCard, RuleName, RuleSetting } from "@/lib/api";

import { PAIR_DEFAULTS, type PairSearch } from "./search";

/** By name; null is off. */
export type RuleValues = Readonly<Record<string, number | null>>;

interface Own {
  readonly entry_z: number;
  readonly exit_z: number;
}

/** Where the sliders stand before one is moved: the rule's defaults, one's own entry and exit, the page's window. */
export function startValues(card: RuleCard, own: Own, window: number = PAIR_DEFAULTS.window): RuleValues {
  const usual: Record<string, number> = { entry_z: own.entry_z, exit_z: own.exit_z, window };
  return Object.fromEntries(card.parameters.map((setting) => [setting.name, fitted(setting, usual[setting.name] ?? setting.default)]));
}

/** A value inside the setting's bounds. */
function fitted({ minimum, maximum, can_be_off: off }: RuleSetting, value: number | null): number | null {
  if (value === null) return off ? null : minimum;
  return Math.min(maximum, Math.max(minimum, value));
}

/** "entry_z:2.5,stop_z:off": what differs from the start, or nothing. */
export function writeValues(values: RuleValues, start: RuleValues): string | undefined {
  const changed = Object.entries(values).filter(([name, value]) => value !== start[name]);
  return changed.length === 0 ? undefined : changed.map(([name, value]) => `${name}:${value ?? "off"}`).join(",");
}

/** The start with what an address says laid over it; nonsense is passed over. */
export function readValues(text: string | undefined, card: RuleCard, start: RuleValues): RuleValues {
  const said: Record<string, number | null> = {};
  for (const part of (text ?? "").split(",")) {
    const [name = "", value = ""] = part.split(":");
    const setting = card.parameters.find((each) => each.name === name);
    const number = value === "off" ? null : Number(value);
    if (!setting || value === "" || Number.isNaN(number)) continue;
    said[name] = fitted(setting, number);
  }
  return { ...start, ...said };
}

const STEP = 0.05;
const round = (value: number) => Number(value.toFixed(6));

/** A value moved, and those that would contradict it pushed along: exit stays below entry, stop above. */
export function withValue(values: RuleValues, name: string, value: number | null): RuleValues {
  const next: Record<string, number | null> = { ...values, [name]: value };
  const { entry_z: entry, exit_z: exit, stop_z: stop } = next;
  if (typeof entry !== "number") return next;
  if (name === "exit_z" && typeof exit === "number" && Math.abs(exit) >= entry) next.entry_z = round(Math.abs(exit) + STEP);
  if (name === "stop_z" && typeof stop === "number" && stop <= entry) next.entry_z = round(stop - STEP);
  const pushed = next.entry_z ?? entry;
  const [low, high] = [next.exit_z, next.stop_z];
  if (typeof low === "number" && Math.abs(low) >= pushed) next.exit_z = round(pushed - STEP);
  if (typeof high === "number" && high <= pushed) next.stop_z = round(pushed + 0.1);
  return next;
}

/** What is asked of the server for the pair on screen, whose last stored bar is of the day `last`. */
export function quickRequest(
  legs: readonly [string, string],
  rule: RuleName,
  values: RuleValues,
  { end_date: end }: Pick<PairSearch, "end_date">,
  last: string,
): QuickBacktestRequest {
  return {
    symbol_1: legs[0],
    symbol_2: legs[1],
    rule,
    parameters: values,
    timeframe: "1d",
    // Trading starts where the formation window ends, if one was asked for: the hedge ratio has not seen those bars.
    // A scan's window often ends with the data: then the server fits on the first part and trades the rest.
    ...(end === undefined || end >= last ? {} : { start_date: dayAfter(end) }),
  };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

const UNITS: Readonly<Record<string, string>> = { bars: "bars", deviations: "σ" };

/** "2.05 σ", "60 bars", "off". */
export function valueWords(setting: Pick<RuleSetting, "unit" | "integer" | "can_be_off" | "minimum">, value: number | null): string {
  if (value === null || (value === 0 && setting.integer && setting.minimum === 0)) return "off";
  if (setting.unit === "fraction") return `${Number((value * 100).toPrecision(4))} %`;
  return `${Number(value.toPrecision(6))} ${UNITS[setting.unit] ?? ""}`.trim();
}
