import type { DataColumn } from "@/components/table";
import type { BacktestTrade } from "@/lib/api";
import { formatBarDate, formatCount, formatNumber, formatSigned } from "@/lib/format";

import { exitWords } from "./runWords";

type Column = DataColumn<BacktestTrade>;

/** Everything a trade paid; what it received in dividends is no cost. */
export function costOf(trade: Pick<BacktestTrade, "commission" | "spread_cost" | "impact" | "borrow" | "financing" | "legging">): number {
  return trade.commission + trade.spread_cost + trade.impact + trade.borrow + trade.financing + trade.legging;
}

const money = (value: number | null) => formatSigned(value, value !== null && Math.abs(value) < 100 ? 2 : 0);

function number(
  id: keyof BacktestTrade,
  header: string,
  show: (value: number | null) => string,
  rest: Partial<Column> = {},
): Column {
  const of = (trade: BacktestTrade) => trade[id] as number | null;
  return { id, header, align: "right", width: 72, firstSort: "descending", value: of, cell: (trade) => show(of(trade)), ...rest };
}

const day = (id: "entry_filled_at" | "exit_filled_at", header: string, none: string): Column => ({
  id,
  header,
  width: 112,
  value: (trade) => trade[id],
  cell: (trade) => (trade[id] === null ? none : formatBarDate(trade[id])),
});

const z = (value: number | null) => formatSigned(value, 2);
const price = (value: number | null) => formatNumber(value, 2);
const shares = (value: number | null) => formatSigned(value, value !== null && Number.isInteger(value) ? 0 : 1);

/** Columns that start hidden. */
export const TRADES_HIDDEN_AT_FIRST: readonly string[] = [
  "mae",
  "mfe",
  "hedge_ratio",
  "entry_price_1",
  "entry_price_2",
  "exit_price_1",
  "exit_price_2",
  "shares_1",
  "shares_2",
  "commission",
  "spread_cost",
  "impact",
  "borrow",
  "financing",
  "dividends",
  "legging",
];

const COLUMNS: readonly Column[] = [
  number("number", "No.", formatCount, { width: 52, hideable: false, firstSort: "ascending" }),
  { id: "pair", header: "Pair", width: 104, grow: 1, value: ({ pair }) => pair },
  {
    id: "side",
    header: "Spread",
    explain: "Bought: long the first leg, short the second. Sold: the other way.",
    width: 76,
    value: ({ side }) => (side === "LONG" ? "▲ bought" : "▼ sold"),
  },
  day("entry_filled_at", "Entered", ""),
  day("exit_filled_at", "Left", "open"),
  number("bars_held", "Bars", formatCount, { width: 56 }),
  number("entry_z", "z in", z, { width: 60, explain: "z-score at the decision to enter." }),
  number("exit_z", "z out", z, { width: 60, explain: "z-score at the decision to leave." }),
  { id: "exit_reason", header: "Why left", width: 92, grow: 1, value: ({ exit_reason }) => exitWords(exit_reason) },
  number("gross_pnl", "Gross", money, { explain: "Price changes of both legs, before costs." }),
  {
    id: "cost",
    header: "Costs",
    explain: "Half-spreads, commission, impact, borrowing, financing and legging together.",
    align: "right",
    width: 72,
    firstSort: "descending",
    value: costOf,
    cell: (trade) => money(-costOf(trade)),
  },
  number("net_pnl", "Net", money, { explain: "Gross and dividends, less costs." }),
  number("mae", "Worst", money, { explain: "Worst net P&L at any close while it was open (MAE).", firstSort: "ascending" }),
  number("mfe", "Best", money, { explain: "Best net P&L at any close while it was open (MFE)." }),
  number("hedge_ratio", "Hedge", (value) => formatNumber(value, 3)),
  number("entry_price_1", "1st in", price),
  number("entry_price_2", "2nd in", price),
  number("exit_price_1", "1st out", price),
  number("exit_price_2", "2nd out", price),
  number("shares_1", "1st shares", shares, { width: 84 }),
  number("shares_2", "2nd shares", shares, { width: 84 }),
  number("commission", "Commission", money, { width: 88 }),
  number("spread_cost", "Half-spread", money, { width: 88 }),
  number("impact", "Impact", money),
  number("borrow", "Borrow", money),
  number("financing", "Financing", money, { width: 80 }),
  number("dividends", "Dividends", money, { width: 80 }),
  number("legging", "Legging", money),
];

const WITHOUT_PAIR = COLUMNS.filter(({ id }) => id !== "pair");

/** The columns of the trades; the pair is said only where there are several. */
export function tradeColumns(many: boolean): readonly Column[] {
  return many ? COLUMNS : WITHOUT_PAIR;
}
