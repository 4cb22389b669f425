import { SECTIONS, SECTION_WORDS } from "@/features/settings/search";
import type { Pair, Symbol } from "@/lib/api";

import { allowedPages } from "../pages";

/** One place the palette leads to. */
export interface Entry {
  id: string;
  group: "Pages" | "Pairs" | "Symbols";
  label: string;
  about: string;
  href: string;
  /** Lower-case words it is found by, the most telling first. */
  words: readonly string[];
}

const search = (values: Record<string, string>) => new URLSearchParams(values).toString();

const pairHref = (first: string, second: string) => `/pair?${search({ symbol_1: first, symbol_2: second })}`;

const NEW_BACKTEST = "/backtests/new";

const words = (...texts: string[]) =>
  texts.flatMap((text) => text.toLowerCase().split(/\s+/)).filter((word) => word !== "");

/** The pages somebody with these permissions may open, and the parts of the settings. */
export function pageEntries(permissions: readonly string[]): Entry[] {
  const analyse = { to: "/pair", label: "Analyse a pair", about: "Prices, spread and z-score of any two symbols" };
  const backtest = { to: NEW_BACKTEST, label: "New backtest", about: "A rule on a pair, a list or a scan's best, costs paid" };
  const shares = { to: "/shares", label: "Shared links", about: "Links you made, and the way to end them" };
  const settings = SECTIONS.map((section) => ({
    to: `/settings/${section}`,
    label: SECTION_WORDS[section],
    about: "Settings",
  }));
  const mayRun = permissions.includes("trading.add_backtestrun") ? [backtest] : [];
  return [...allowedPages(permissions), analyse, ...mayRun, shares, ...settings].map(({ to, label, about }) => ({
    id: to,
    group: "Pages",
    label,
    about,
    href: to,
    words: words(label, about === "Settings" ? about : ""),
  }));
}

export function symbolEntries(symbols: readonly Symbol[]): Entry[] {
  return symbols.map(({ ticker, name, sector }) => ({
    id: `symbol ${ticker}`,
    group: "Symbols",
    label: ticker,
    about: [name, sector].filter((each) => each !== "").join(" · "),
    href: `/data?${search({ symbol: ticker })}`,
    words: words(ticker, name, sector),
  }));
}

export function pairEntries(pairs: readonly Pair[]): Entry[] {
  return pairs.map(({ id, symbol_1: first, symbol_2: second }) => ({
    id: `pair ${id}`,
    group: "Pairs",
    label: `${first.ticker} / ${second.ticker}`,
    about: `${first.name} and ${second.name}`,
    href: pairHref(first.ticker, second.ticker),
    words: words(first.ticker, second.ticker, first.name, second.name),
  }));
}

/** How well an entry answers a query: each typed word must begin one of its words; 0 is not at all. */
function score(entry: Entry, typed: readonly string[]): number {
  let total = 0;
  for (const part of typed) {
    const place = entry.words.findIndex((word) => word.startsWith(part));
    if (place < 0) return 0;
    const exact = entry.words[place] === part;
    // A ticker typed in full means the symbol, before the pairs it is a leg of.
    const itself = exact && place === 0 && entry.group === "Symbols";
    total += (exact ? 4 : 1) + 2 / (1 + place) + (itself ? 1 : 0);
  }
  return total;
}

/** Two tickers typed one after the other are a pair to analyse, kept or not. */
function typedPair(typed: readonly string[], entries: readonly Entry[]): Entry[] {
  if (typed.length !== 2) return [];
  const found = typed.map((part) => entries.find(({ group, words: [ticker] }) => group === "Symbols" && ticker === part));
  const [first, second] = found;
  if (!first || !second || first === second) return [];
  return [
    {
      id: "typed pair",
      group: "Pairs",
      label: `Analyse ${first.label} / ${second.label}`,
      about: `${first.about} and ${second.about}`,
      href: pairHref(first.label, second.label),
      words: [],
    },
    // Only who may run one has its page among the entries.
    ...entries
      .filter(({ id }) => id === NEW_BACKTEST)
      .map((page) => ({
        ...page,
        id: "typed backtest",
        group: "Pairs" as const,
        label: `Backtest ${first.label} / ${second.label}`,
        href: `${NEW_BACKTEST}?${search({ symbol_1: first.label, symbol_2: second.label })}`,
        words: [],
      })),
  ];
}

const MOST = 12;

/** The best answers to what was typed, at most a dozen, grouped: pages, pairs, symbols. */
export function answers(query: string, entries: readonly Entry[]): Entry[] {
  const typed = query.toLowerCase().split(/[\s/,]+/).filter((part) => part !== "");
  if (typed.length === 0) return entries.slice(0, MOST);
  const scored = entries
    .map((entry) => ({ entry, points: score(entry, typed) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, MOST)
    .map(({ entry }) => entry);
  const found = [...typedPair(typed, entries), ...scored];
  const groups: readonly Entry["group"][] = ["Pages", "Pairs", "Symbols"];
  // Groups in the order of their best answer, so that the first line is what Enter should open.
  const order = [...groups].sort((a, b) => rank(found, a) - rank(found, b));
  return order.flatMap((group) => found.filter((entry) => entry.group === group));
}

function rank(found: readonly Entry[], group: Entry["group"]): number {
  const place = found.findIndex((entry) => entry.group === group);
  return place < 0 ? Infinity : place;
}
