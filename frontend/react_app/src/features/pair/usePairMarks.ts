import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import type { ChartMarks, PaneStack } from "@/components/charts";
import type { Page, PairAnalysis, Signal } from "@/lib/api";
import { pairSignalsQuery, putSignal, signalOf } from "@/lib/queries";
import { useStream } from "@/lib/socket";

import { placeTrades, tradeMarkers, withRule, type PlacedTrade } from "./ruleStack";
import type { PairPanel, PairSearch } from "./search";
import { signalMarkers } from "./signalWords";
import { useRule, type RuleTried } from "./useRule";

type SetSearch = (patch: Partial<PairSearch>, options?: { replace?: boolean }) => void;

export interface PairMarks {
  readonly legs: readonly [string, string];
  readonly rule: RuleTried;
  readonly trades: readonly PlacedTrade[];
  readonly signals: UseQueryResult<Page<Signal>>;
  readonly chosen: string | null;
  readonly choose: (id: string | null) => void;
  /** The window of the sliders, where a rule is tried. */
  readonly window: number | undefined;
  readonly redraw: ((stack: PaneStack) => PaneStack) | undefined;
  readonly marks: ChartMarks | undefined;
  readonly onPick: ((bar: number, marker: string | null) => void) | undefined;
}

/** What stands on a pair's charts beside its own lines: the trades of a rule that is tried, or the signals. */
export function usePairMarks(analysis: PairAnalysis, search: PairSearch, onSearch: SetSearch, panel: PairPanel | undefined): PairMarks {
  const { timestamps } = analysis.series;
  const legs = [analysis.symbol_1.ticker, analysis.symbol_2.ticker] as const;
  const rule = useRule(legs, analysis.last_timestamp.slice(0, 10), search, onSearch, panel === "rule");
  const signals = useSignals(panel === "signals" ? analysis.pair_id : null);
  const [chosen, choose] = useState<string | null>(null);
  const { tried, result } = rule;

  const trades = useMemo(() => (result ? placeTrades(timestamps, result.trades) : []), [timestamps, result]);
  const redraw = useCallback((stack: PaneStack) => withRule(stack, tried, result), [tried, result]);
  const marks = useMemo<ChartMarks>(() => {
    if (panel === "signals") return { markers: signalMarkers(timestamps, signals.data?.results ?? [], chosen) };
    const trade = trades.find(({ id }) => id === chosen);
    return { markers: tradeMarkers(trades, chosen), chosen, span: trade ? { first: trade.first, last: trade.last } : null };
  }, [panel, timestamps, signals.data, trades, chosen]);
  const onPick = useCallback(
    (bar: number, marker: string | null) => {
      const around = trades.find(({ first, last }) => first <= bar && bar <= last)?.id ?? null;
      choose(marker ?? (panel === "rule" ? around : null));
    },
    [panel, trades],
  );
  const slid = tried.window;
  return {
    legs,
    rule,
    trades,
    signals,
    chosen,
    choose,
    window: panel === "rule" && typeof slid === "number" ? slid : undefined,
    redraw: panel === "rule" ? redraw : undefined,
    marks: panel === undefined ? undefined : marks,
    onPick: panel === undefined ? undefined : onPick,
  };
}

/** How often, and how many times, an empty list is asked for again: history is no news, and nobody tells of it. */
const LOOKS = { every: 1_500, most: 10 };

/** A kept pair's signals; further ones come over the socket, those of a pair just put under watch once they are worked out. */
function useSignals(pair: number | null): UseQueryResult<Page<Signal>> {
  const client = useQueryClient();
  const query = useQuery({
    ...pairSignalsQuery(pair ?? 0),
    enabled: pair !== null,
    refetchInterval: ({ state }) => (state.data?.count === 0 && state.dataUpdateCount < LOOKS.most ? LOOKS.every : false),
  });
  useStream(
    pair === null ? null : { pair_id: pair },
    (event) => {
      const news = signalOf(event);
      if (news && pair !== null) putSignal(client, pair, news);
    },
    () => void query.refetch(),
  );
  return query;
}
