import { useDebouncedCallback } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { backtestsQuick, type QuickResult, type RuleCard } from "@/lib/api";
import { rulesQuery, useMe } from "@/lib/queries";

import { quickRequest, readValues, startValues, withValue, writeValues, type RuleValues } from "./ruleSettings";
import { RULES, type PairSearch } from "./search";

/** A hand on its way has chosen when it rests this long: what it only passed over is neither asked for nor counted as a trial. */
const RESTS_MS = 40;
/** A hand that has rested this long is not on its way: what it does next is asked for at once. */
const QUIET_MS = 250;
/** The address follows later still: each change of it is work for the browser. */
const WRITES_MS = 400;

interface Hand {
  readonly values: RuleValues;
  /** Those of its values that the server is asked about. */
  readonly asked: RuleValues;
  /** What the address may say while the hand is ahead of it; anything else came from elsewhere, and wins. */
  readonly ahead: readonly (string | undefined)[];
}

type SetSearch = (patch: Partial<PairSearch>, options?: { replace?: boolean }) => void;

export interface RuleTried {
  readonly cards: readonly RuleCard[];
  readonly card: RuleCard | null;
  /** Where the sliders stand. */
  readonly values: RuleValues;
  /** The settings the result is of: what is drawn is always of one look. */
  readonly tried: RuleValues;
  readonly result: QuickResult | undefined;
  /** The first answer of this sitting, to set the later ones against. */
  readonly first: QuickResult | null;
  readonly error: Error | null;
  readonly busy: boolean;
  readonly isStart: boolean;
  readonly setValue: (name: string, value: number | null) => void;
  readonly setRule: (rule: string) => void;
  readonly reset: () => void;
}

/** A rule on the pair of the page: sliders at hand, the server's answer behind them; of several asked, the last wins. */
export function useRule(
  legs: readonly [string, string],
  last: string,
  search: PairSearch,
  onSearch: SetSearch,
  enabled: boolean,
): RuleTried {
  const { preferences } = useMe();
  const rules = useQuery({ ...rulesQuery, enabled });
  const cards = rules.data ?? NONE;
  const card = cards.find(({ id }) => id === search.rule) ?? cards.find(({ id }) => id === "rolling") ?? cards[0] ?? null;
  const start = useMemo(() => (card ? startValues(card, preferences, search.window) : {}), [card, preferences, search.window]);
  const asked = useMemo(() => (card ? readValues(search.set, card, start) : {}), [card, search.set, start]);
  const [hand, setHand] = useState<Hand | null>(null);
  const ahead = hand?.ahead.includes(search.set) ? hand : null;
  const values = ahead?.values ?? asked;
  const wanted = ahead?.asked ?? asked;
  const request = useMemo(
    () => (card ? quickRequest(legs, card.id, wanted, search, last) : null),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the legs are a new pair of strings at each render
    [legs[0], legs[1], last, card, wanted, search.end_date],
  );
  const quick = useQuery({
    queryKey: ["backtests", "quick", request],
    queryFn: async ({ signal }) => ({ values: wanted, result: await backtestsQuick({ body: request ?? {}, signal }) }),
    enabled: enabled && request !== null,
    // Asked again, the same configuration gives the same, and is no further trial.
    staleTime: Infinity,
    retry: false,
    placeholderData: keepPreviousData,
  });
  const result = quick.error ? undefined : quick.data?.result;
  const [first, setFirst] = useState<{ rule: string; result: QuickResult } | null>(null);
  if (card && result && !quick.isPlaceholderData && first?.rule !== card.id) setFirst({ rule: card.id, result });
  const write = useDebouncedCallback((next: RuleValues) => {
    const text = writeValues(next, start);
    setHand((before) => before && { ...before, ahead: [...before.ahead.slice(-3), text] });
    onSearch({ set: text }, { replace: true });
  }, WRITES_MS);
  const atRest = useCallback(() => setHand((before) => before && { ...before, asked: before.values }), []);
  const moves = useMoves(atRest);
  const put = (next: RuleValues) => {
    setHand({ values: next, asked: moves() ? wanted : next, ahead: ahead?.ahead ?? [search.set] });
    write(next);
  };
  return {
    cards,
    card,
    values,
    tried: quick.data?.values ?? values,
    result,
    first: first?.rule === card?.id ? (first?.result ?? null) : null,
    error: rules.error ?? quick.error,
    busy: quick.isFetching,
    isStart: writeValues(values, start) === undefined,
    setValue: (name, value) => put(withValue(values, name, value)),
    setRule: (rule) => {
      setHand(null);
      onSearch({ rule: RULES.find((each) => each === rule && each !== "rolling"), set: undefined }, { replace: true });
    },
    reset: () => {
      setHand(null);
      onSearch({ set: undefined }, { replace: true });
    },
  };
}

/** Says of each movement whether the hand was on its way already, and calls `onRest` when such a hand rests. */
function useMoves(onRest: () => void): () => boolean {
  const last = useRef(-Infinity);
  const timer = useRef(0);
  useEffect(() => () => globalThis.clearTimeout(timer.current), []);
  return () => {
    const now = performance.now();
    const moving = now - last.current < QUIET_MS;
    last.current = now;
    globalThis.clearTimeout(timer.current);
    if (moving) timer.current = globalThis.setTimeout(onRest, RESTS_MS);
    return moving;
  };
}

const NONE: readonly RuleCard[] = [];
