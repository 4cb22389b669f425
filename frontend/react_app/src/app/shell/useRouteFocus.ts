import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/** How long a page may take to show its heading before `main` takes the focus instead. */
const PATIENCE_MS = 3_000;

/** After a change of page, puts the focus on its heading: the keyboard and the screen reader start there. */
export function useRouteFocus(): void {
  // Where the router has arrived: until then the page being left, and its heading, are still on screen.
  const pathname = useRouterState({ select: ({ resolvedLocation, location }) => (resolvedLocation ?? location).pathname });
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    const main = document.getElementById("main");
    if (!main) return;
    const focus = () => {
      const heading = main.querySelector<HTMLElement>("[data-page-heading]");
      heading?.focus({ preventScroll: true });
      return heading !== null;
    };
    if (focus()) return;
    // The page is still being fetched.
    const observer = new MutationObserver(() => focus() && stop());
    const timer = setTimeout(() => {
      main.focus({ preventScroll: true });
      stop();
    }, PATIENCE_MS);
    const stop = () => {
      observer.disconnect();
      clearTimeout(timer);
    };
    observer.observe(main, { childList: true, subtree: true });
    return stop;
  }, [pathname]);
}
