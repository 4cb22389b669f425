/** Where the gross profit went, as lines of a bar list. */

export interface Costs {
  readonly gross_pnl: number;
  readonly commission: number;
  readonly spread_cost: number;
  readonly impact: number;
  readonly borrow: number;
  readonly financing: number;
  readonly legging: number;
  readonly dividends: number;
  readonly net_pnl: number;
}

export interface CostLine {
  readonly id: keyof Costs;
  readonly label: string;
  /** Signed money: what is taken is negative. */
  readonly amount: number;
  /** 0 to 1 of the widest bar. */
  readonly width: number;
  /** Of the gross profit; null where there was none. */
  readonly share: number | null;
  readonly total: boolean;
}

const KINDS = [
  ["spread_cost", "Half-spreads"],
  ["commission", "Commission"],
  ["impact", "Market impact"],
  ["borrow", "Borrowing shares"],
  ["financing", "Financing"],
  ["legging", "One leg waiting"],
] as const;

/** Gross first, then costs by size, dividends where there are any, and what is left. */
export function costLines(costs: Costs): readonly CostLine[] {
  const taken = KINDS.map(([id, label]) => ({ id, label, amount: -costs[id], total: false })).sort((a, b) => a.amount - b.amount);
  const dividends = costs.dividends === 0 ? [] : [{ id: "dividends" as const, label: "Dividends", amount: costs.dividends, total: false }];
  const all = [
    { id: "gross_pnl" as const, label: "Gross profit", amount: costs.gross_pnl, total: true },
    ...dividends,
    ...taken,
    { id: "net_pnl" as const, label: "Net profit", amount: costs.net_pnl, total: true },
  ];
  const widest = Math.max(...all.map(({ amount }) => Math.abs(amount)));
  return all.map((line) => ({
    ...line,
    amount: line.amount === 0 ? 0 : line.amount,
    width: widest > 0 ? Math.abs(line.amount) / widest : 0,
    share: costs.gross_pnl > 0 && line.id !== "gross_pnl" ? Math.abs(line.amount) / costs.gross_pnl : null,
  }));
}
