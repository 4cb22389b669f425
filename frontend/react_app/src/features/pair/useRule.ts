import { useDebouncedCallback, useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { backtestsQuick, type QuickResult, type RuleCard } from "@/lib/api";
import { rulesQuery, useMe } from "@/lib/queries";

import { quickRequest, readValues, startValues, withValue, writeValues, type RuleValues } from "./ruleSettings";
import { RULES, type PairSearch } from "./search";

/** A hand that rests this long has chosen: what it only passed over is neither asked for nor counted as a trial. */
const RESTS_MS = 90;
/** The address follows later still: each change of it is work for the browser. */
const WRITES_MS = 400;

interface Hand {
  readonly values: RuleValues;
  /** What the address may say while the hand is ahead of it; anything else came from elsewhere, and wins. */
  readonly ahead: readonly (string | undefined)[];
}

type SetSearch = (patch: Partial<PairSearch>, options?: { replace?: boolean }) => void;

export interface RuleTried {
  readonly cards: readonly RuleCard[];
  readonly card: RuleCard | null;
  readonly values: RuleValues;
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
export function useRule(legs: readonly [string, string], search: PairSearch, onSearch: SetSearch, enabled: boolean): RuleTried {
  const { preferences } = useMe();
  const rules = useQuery({ ...rulesQuery, enabled });
  const cards = rules.data ?? NONE;
  const card = cards.find(({ id }) => id === search.rule) ?? cards.find(({ id }) => id === "rolling") ?? cards[0] ?? null;
  const start = useMemo(() => (card ? startValues(card, preferences, search.window) : {}), [card, preferences, search.window]);
  const asked = useMemo(() => (card ? readValues(search.set, card, start) : {}), [card, search.set, start]);
  const [hand, setHand] = useState<Hand | null>(null);
  const ahead = hand?.ahead.includes(search.set) ? hand : null;
  const values = ahead?.values ?? asked;
  const [settled] = useDebouncedValue(values, RESTS_MS);
  const request = useMemo(
    () => (card ? quickRequest(legs, card.id, settled, search) : null),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the legs are a new pair of strings at each render
    [legs[0], legs[1], card, settled, search.end_date],
  );
  const quick = useQuery({
    queryKey: ["backtests", "quick", request],
    queryFn: ({ signal }) => backtestsQuick({ body: request ?? {}, signal }),
    enabled: enabled && request !== null,
    // Asked again, the same configuration gives the same, and is no further trial.
    staleTime: Infinity,
    retry: false,
    placeholderData: keepPreviousData,
  });
  const [first, setFirst] = useState<{ rule: string; result: QuickResult } | null>(null);
  if (card && quick.data && !quick.isPlaceholderData && first?.rule !== card.id) setFirst({ rule: card.id, result: quick.data });
  const write = useDebouncedCallback((next: RuleValues) => {
    const text = writeValues(next, start);
    setHand((before) => before && { ...before, ahead: [...before.ahead.slice(-3), text] });
    onSearch({ set: text }, { replace: true });
  }, WRITES_MS);
  const put = (next: RuleValues) => {
    setHand({ values: next, ahead: ahead?.ahead ?? [search.set] });
    write(next);
  };
  return {
    cards,
    card,
    values,
    result: quick.error ? undefined : quick.data,
    first: first?.rule === card?.id ? (first?.result ?? null) : null,
    error: rules.error ?? quick.error,
    busy: quick.isFetching,
    isStart: writeValues(values, start) === undefined,
    setValue: (name, value) => put(withValue(values, name, value)),
    setRule: (rule) => onSearch({ rule: RULES.find((each) => each === rule && each !== "rolling"), set: undefined }, { replace: true }),
    reset: () => {
      setHand(null);
      onSearch({ set: undefined }, { replace: true });
    },
  };
}

const NONE: readonly RuleCard[] = [];
