/** A synthetic universe's planted pairs beside what a scan made of them. */
import type { PlantedPair, Candidate } from "@/lib/api";

type Tested = Pick<Candidate, "symbol_1" | "symbol_2" | "qvalue" | "is_discovery" | "hedge_ratio" | "planted">;

export interface TruthRow {
  readonly key: string;
  readonly pair: string;
  readonly kind: PlantedPair["kind"] | "none";
  readonly outcome: "found" | "missed" | "false" | "not counted";
  readonly qvalue: number | null;
  readonly true_half_life: number | null;
  readonly true_hedge_ratio: number | null;
}

/** The same pair either way round has the same key. */
function keyOf(a: string, b: string): string {
  return [a, b].sort().join("/");
}

function outcomeOf(kind: PlantedPair["kind"], survived: boolean): TruthRow["outcome"] {
  // A pair whose tie breaks half-way is neither a hit nor a miss over the whole window.
  if (kind === "breaking") return survived ? "found" : "not counted";
  return survived ? "found" : "missed";
}

/** Planted pairs first, as planted; then the survivors nobody planted. */
export function truthRows(planted: readonly PlantedPair[], tested: readonly Tested[]): TruthRow[] {
  const byKey = new Map(tested.map((row) => [keyOf(row.symbol_1, row.symbol_2), row]));
  const rows: TruthRow[] = planted.map((truth) => {
    const key = keyOf(truth.symbol_1, truth.symbol_2);
    const row = byKey.get(key);
    return {
      key,
      pair: `${truth.symbol_1} / ${truth.symbol_2}`,
      kind: truth.kind,
      outcome: outcomeOf(truth.kind, row?.is_discovery ?? false),
      qvalue: row?.qvalue ?? null,
      true_half_life: truth.half_life,
      true_hedge_ratio: truth.hedge_ratio,
    };
  });
  const known = new Set(rows.map(({ key }) => key));
  for (const row of tested) {
    const key = keyOf(row.symbol_1, row.symbol_2);
    if (!row.is_discovery || known.has(key)) continue;
    rows.push({
      key,
      pair: `${row.symbol_1} / ${row.symbol_2}`,
      kind: "none",
      outcome: "false",
      qvalue: row.qvalue,
      true_half_life: null,
      true_hedge_ratio: null,
    });
  }
  return rows;
}
