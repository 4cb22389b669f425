import type { Symbol } from "@/lib/api";

/** Whether every word of the search begins a word of the symbol's ticker, name or sector. */
export function matches({ ticker, name, sector }: Pick<Symbol, "ticker" | "name" | "sector">, q?: string): boolean {
  const words = (text: string) => text.toLowerCase().split(/[\s/]+/).filter((word) => word !== "");
  const known = words(`${ticker} ${name} ${sector}`);
  return words(q ?? "").every((typed) => known.some((word) => word.startsWith(typed)));
}
