import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";

/** A setter for part of the address: the rest stays, `undefined` drops a key, and the page is not scrolled. */
export function useSearchPatch<Search extends object>() {
  const navigate = useNavigate();
  return useCallback(
    (patch: Partial<Search>, options: { replace?: boolean } = {}) => {
      void navigate({
        to: ".",
        search: (before: object) => ({ ...before, ...patch }) as never,
        replace: options.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate],
  );
}
