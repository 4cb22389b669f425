/** The candidates' order between the table and the address. */
import type { TableOrder } from "@/components/table";

import { DEFAULT_ORDER, type PairFinderSearch } from "./search";

export function toTableOrder(order: string): TableOrder {
  return order.startsWith("-") ? { column: order.slice(1), descending: true } : { column: order, descending: false };
}

export function toSearchOrder(order: TableOrder | null): PairFinderSearch["order"] {
  if (order === null) return undefined;
  const words = `${order.descending ? "-" : ""}${order.column}` as NonNullable<PairFinderSearch["order"]>;
  return words === DEFAULT_ORDER ? undefined : words;
}
