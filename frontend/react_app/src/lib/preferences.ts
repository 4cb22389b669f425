import { useSyncExternalStore } from "react";

import { createStore } from "./store";

const KEY = "titan.single-keys";

function stored(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

/** Whether single keys act (WCAG 2.2, 2.1.4: they can be turned off). Kept on this machine. */
const singleKeys = createStore(stored());

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(KEY, on ? "on" : "off");
  singleKeys.set(on);
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(singleKeys.subscribe, singleKeys.get);
}
