/** Trades on the equity line, both ways: from a row to its bars, and from a bar to its trade. */
import { nearestBar, toSeconds, type ChartMarker, type ChartMarks } from "@/components/charts";
import { EQUITY_LINE } from "@/components/performance";
import type { BacktestTrade } from "@/lib/api";

type Dated = Pick<BacktestTrade, "number" | "side" | "entry_filled_at" | "exit_filled_at" | "net_pnl">;

/** Where a trade lies among the bars. */
export interface TradeBars {
  readonly trade: number;
  readonly side: Dated["side"];
  readonly entry: number;
  /** Null while it is open. */
  readonly exit: number | null;
  readonly won: boolean;
}

const barOf = (seconds: readonly number[], at: string) => nearestBar(seconds, Date.parse(at) / 1000);

export function tradeBars(trades: readonly Dated[], timestamps: readonly string[]): readonly TradeBars[] {
  const seconds = toSeconds(timestamps);
  return trades.map((trade) => ({
    trade: trade.number,
    side: trade.side,
    entry: barOf(seconds, trade.entry_filled_at),
    exit: trade.exit_filled_at === null ? null : barOf(seconds, trade.exit_filled_at),
    won: trade.net_pnl > 0,
  }));
}

const markerId = (trade: number, end: "entry" | "exit") => `${end} ${trade}`;

/** The trade a marker stands for. */
export function tradeOfMarker(id: string | null): number | null {
  const found = /^(?:entry|exit) (\d+)$/.exec(id ?? "");
  return found ? Number(found[1]) : null;
}

function markersOf({ trade, side, entry, exit, won }: TradeBars, chosen: boolean): ChartMarker[] {
  const long = side === "LONG";
  const shared = { line: EQUITY_LINE, strong: chosen };
  return [
    { ...shared, id: markerId(trade, "entry"), index: entry, shape: long ? "up" : "down", place: long ? "below" : "above", color: "leg2" },
    ...(exit === null
      ? []
      : [
          {
            ...shared,
            id: markerId(trade, "exit"),
            index: exit,
            shape: "dot" as const,
            place: "on" as const,
            color: won ? ("positive" as const) : ("negative" as const),
          },
        ]),
  ];
}

/** Entries as arrows in the direction of the spread, exits as dots; the chosen trade larger, its bars tinted. */
export function tradeMarks(bars: readonly TradeBars[], chosen: number | undefined, nBars: number): ChartMarks {
  const markers = bars.flatMap((each) => markersOf(each, each.trade === chosen)).sort((a, b) => a.index - b.index);
  const found = bars.find(({ trade }) => trade === chosen);
  return { markers, chosen, span: found ? { first: found.entry, last: found.exit ?? nBars - 1 } : null };
}

/** The trade at a bar: the one open there, the latest entered of several; otherwise none. */
export function tradeAt(bars: readonly TradeBars[], bar: number): number | null {
  const open = bars.filter(({ entry, exit }) => entry <= bar && bar <= (exit ?? Infinity));
  return open.reduce<TradeBars | null>((latest, each) => (latest && latest.entry > each.entry ? latest : each), null)?.trade ?? null;
}
