/** A backtest in words, wherever one is named, and the addresses that start one. */
import { plural } from "./format";

type Pairs = readonly (readonly string[])[];

export const RULE_WORDS: Readonly<Record<string, string>> = {
  rolling: "rolling z-score",
  ewma: "exponential z-score",
  kalman: "Kalman filter",
  ou: "Ornstein–Uhlenbeck",
};

/** "KO / PEP", or "KO / PEP and 4 more". */
export function pairsWords(pairs: Pairs): string {
  const [first] = pairs;
  if (!first) return "no pair";
  const name = first.join(" / ");
  return pairs.length === 1 ? name : `${name} and ${pairs.length - 1} more`;
}

/** What is traded: the pair, the pairs, or the best of a scan. */
export function tradedWords(run: { readonly kind: string; readonly pairs: Pairs; readonly scan: number | null }): string {
  if (run.kind === "selection" && run.scan !== null) return `${plural(run.pairs.length, "best pair")} of scan ${run.scan}`;
  return pairsWords(run.pairs);
}

/** A run's own name, or what it trades by which rule. */
export function runName(run: { readonly name: string; readonly kind: string; readonly pairs: Pairs; readonly scan: number | null; readonly rule: string }): string {
  return run.name || `${tradedWords(run)}, ${RULE_WORDS[run.rule] ?? run.rule}`;
}

/** Pairs as an address holds them: "KO~PEP,BRK.B~MMM"; tickers may hold points and dashes. */
export function pairsText(pairs: Pairs): string {
  return pairs.map((legs) => legs.join("~")).join(",");
}

/** What the form of a new backtest starts with for these pairs. */
export function backtestSearch(pairs: Pairs): { symbol_1?: string; symbol_2?: string; pairs?: string } {
  const [only, ...more] = pairs;
  return only && more.length === 0 ? { symbol_1: only[0], symbol_2: only[1] } : { pairs: pairsText(pairs) };
}
