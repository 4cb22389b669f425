import { describe, expect, it } from "vitest";

import type { Pair, Symbol } from "@/lib/api";

import { answers, pageEntries, pairEntries, symbolEntries } from "./entries";

const symbol = (ticker: string, name: string, sector = "Consumer Staples") =>
  ({ ticker, name, sector }) as unknown as Symbol;

const symbols = [
  symbol("KO", "Coca-Cola"),
  symbol("PEP", "PepsiCo"),
  symbol("PG", "Procter & Gamble"),
  symbol("JNJ", "Johnson & Johnson", "Health Care"),
  symbol("D", "Dominion Energy", "Utilities"),
];
const pairs = [{ id: 3, symbol_1: symbols[0], symbol_2: symbols[1] }] as unknown as Pair[];
const entries = [...pageEntries([]), ...pairEntries(pairs), ...symbolEntries(symbols)];
const labels = (query: string) => answers(query, entries).map(({ label }) => label);

describe("the palette's answers", () => {
  it("begin with the pages when nothing is typed", () => {
    expect(labels("").slice(0, 3)).toEqual(["Dashboard", "Pair Finder", "Data"]);
  });

  it("put an exact ticker before everything", () => {
    expect(labels("d")[0]).toBe("D");
    expect(labels("pep")[0]).toBe("PEP");
    expect(labels("ko").slice(0, 2)).toEqual(["KO", "KO / PEP"]);
  });

  it("find by company, sector and page", () => {
    expect(labels("procter")).toEqual(["PG"]);
    expect(labels("health")).toEqual(["JNJ"]);
    expect(labels("jobs")).toEqual(["Jobs"]);
  });

  it("offer to analyse two tickers typed in any usual way, kept or not", () => {
    for (const query of ["pg jnj", "PG/JNJ", "pg, jnj"]) {
      const [first] = answers(query, entries);
      expect(first).toMatchObject({ label: "Analyse PG / JNJ", href: "/pair?symbol_1=PG&symbol_2=JNJ" });
    }
    expect(labels("ko pep")).toEqual(["Analyse KO / PEP", "KO / PEP"]);
  });

  it("offer to backtest them too, to those who may", () => {
    const all = [...pageEntries(["trading.add_backtestrun"]), ...symbolEntries(symbols)];
    expect(answers("ko pep", all).map(({ label, href }) => [label, href])).toContainEqual([
      "Backtest KO / PEP",
      "/backtests/new?symbol_1=KO&symbol_2=PEP",
    ]);
    expect(answers("backtest", all)[0]?.href).toBe("/backtests/new");
    expect(labels("backtest")).toEqual([]);
  });

  it("offer no pair of a symbol with itself, and nothing for nonsense", () => {
    expect(labels("ko ko")).not.toContain("Analyse KO / KO");
    expect(labels("zzzz")).toEqual([]);
  });

  it("keep odd tickers whole in the address", () => {
    const [entry] = symbolEntries([symbol("BRK.B", "Berkshire"), symbol("A&B", "Ampersand")].slice(1));
    expect(entry?.href).toBe("/data?symbol=A%26B");
  });
});
