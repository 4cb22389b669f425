import { useSyncExternalStore } from "react";

import { createStore } from "./store";

/** Where the prices on board are traded: their days are this zone's days. */
export const EXCHANGE_ZONE = "America/New_York";

/** The zone of the computer at hand. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const zone = createStore("UTC");

/** The zone every instant is shown in: the account's preference, UTC until it is known. */
export const displayZone = {
  get: zone.get,
  subscribe: zone.subscribe,
  set: (name: string) => zone.set(isZone(name) ? name : "UTC"),
};

export function useDisplayZone(): string {
  return useSyncExternalStore(displayZone.subscribe, displayZone.get);
}

/** "UTC", "the exchange (America/New_York)", "Europe/Berlin". */
export function zoneWords(name: string): string {
  return name === EXCHANGE_ZONE ? `the exchange (${name})` : name;
}
