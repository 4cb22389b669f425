import { useSyncExternalStore } from "react";

import { createStore } from "./store";

/** Whether single keys act (WCAG 2.2, 2.1.4: they can be turned off); the account's preference, on until it is known. */
const singleKeys = createStore(true);

export const setSingleKeys = (on: boolean): void => singleKeys.set(on);

export function useSingleKeys(): boolean {
  return useSyncExternalStore(singleKeys.subscribe, singleKeys.get);
}
