import type { Prices } from "@/lib/api";

export function PriceHistory({ prices }: { prices: Prices }) {
  return <p>{prices.close.length}</p>;
}
