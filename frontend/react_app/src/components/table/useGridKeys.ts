import { useCallback, type KeyboardEvent } from "react";

interface GridKeys {
  readonly count: number;
  /** Rows that fit on screen: the step of Page Up and Page Down. */
  readonly page: () => number;
  readonly active: number;
  readonly move: (index: number) => void;
  readonly open: ((index: number) => void) | undefined;
  readonly toggle: ((index: number) => void) | undefined;
  /** Called on Arrow Up in the first row. */
  readonly toHeader: () => void;
}

/** Row a key leads to, or null when the key moves nothing. */
export function rowAfterKey(key: string, active: number, count: number, page: number): number | null {
  const last = count - 1;
  const clamp = (index: number) => Math.min(last, Math.max(0, index));
  switch (key) {
    case "ArrowDown":
      return clamp(active + 1);
    case "ArrowUp":
      return clamp(active - 1);
    case "PageDown":
      return clamp(active + page);
    case "PageUp":
      return clamp(active - page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** Key handler of the rows: arrows move, Enter opens, Space selects. */
export function useGridKeys({ count, page, active, move, open, toggle, toHeader }: GridKeys) {
  return useCallback(
    (event: KeyboardEvent) => {
      if (count === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      if (!(event.target as HTMLElement).matches("[role=row]")) return;
      if (event.key === "Enter" && open) open(active);
      else if (event.key === " " && toggle) toggle(active);
      else if (event.key === "ArrowUp" && active === 0) toHeader();
      else {
        const next = rowAfterKey(event.key, active, count, Math.max(1, page()));
        if (next === null) return;
        move(next);
      }
      event.preventDefault();
    },
    [count, page, active, move, open, toggle, toHeader],
  );
}
