import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

interface RowFocusOptions {
  readonly count: number;
  /** The element that scrolls; null before it is drawn. */
  readonly box: HTMLDivElement | null;
  readonly headerHeight: number;
  readonly rowHeight: number;
  readonly onEndNear: (() => void) | undefined;
  /** Another order or filter is another list: it is read from the top. */
  readonly listKey: string;
}

/** Rows left below the screen when the next page is asked for. */
const NEAR = 40;

/**
 * The rows on screen, and the one that takes the focus. That row stays in the document wherever one scrolls, so the
 * focus is never lost; moving it scrolls it clear of the sticky heading.
 */
export function useRowFocus({ count, box, headerHeight, rowHeight, onEndNear, listKey }: RowFocusOptions) {
  const [wanted, setWanted] = useState(0);
  const [shownKey, setShownKey] = useState(listKey);
  if (shownKey !== listKey) {
    setShownKey(listKey);
    setWanted(0);
  }
  const active = Math.min(wanted, Math.max(0, count - 1));
  const focusPending = useRef(false);

  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      if (count === 0 || indexes.includes(active)) return indexes;
      return [...indexes, active].sort((a, b) => a - b);
    },
    [active, count],
  );

  // eslint-disable-next-line react-hooks/incompatible-library -- known: the instance is mutable, nothing memoises on it
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => box,
    estimateSize: () => rowHeight,
    overscan: 8,
    // The heading scrolls along in the same box: rows start below it, and must not hide under it.
    scrollMargin: headerHeight,
    scrollPaddingStart: headerHeight,
    rangeExtractor,
  });

  const focusRow = useCallback(
    (index: number) => {
      const row = box?.querySelector<HTMLElement>(`[data-index="${index}"]`);
      row?.focus({ preventScroll: true });
      return row !== null && row !== undefined;
    },
    [box],
  );
  const move = useCallback(
    (index: number) => {
      setWanted(index);
      virtualizer.scrollToIndex(index, { align: "auto" });
      // A row that is not drawn yet takes the focus once it is.
      focusPending.current = !focusRow(index);
    },
    [virtualizer, focusRow],
  );
  const activate = useCallback((index: number) => setWanted(index), []);

  useLayoutEffect(() => {
    if (focusPending.current && focusRow(active)) focusPending.current = false;
  });

  useEffect(() => {
    box?.scrollTo({ top: 0 });
  }, [box, listKey]);

  const lastShown = virtualizer.range?.endIndex ?? 0;
  const nearEnd = count > 0 && lastShown >= count - NEAR;
  useEffect(() => {
    if (nearEnd) onEndNear?.();
  }, [nearEnd, count, onEndNear]);

  return { virtualizer, active, activate, move };
}
