import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef } from "react";

import { useSingleKeys } from "@/lib/preferences";

import { usePages } from "./usePages";

interface Actions {
  onPalette: () => void;
  onHelp: () => void;
}

/** A second key of a sequence counts this long after the first. */
const SEQUENCE_MS = 1_500;

/** Inputs that take no letters: a switch in focus does not swallow a shortcut. */
const SILENT_INPUTS = ["checkbox", "radio", "range", "file", "button", "submit", "reset"];

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && SILENT_INPUTS.includes(target.type)) return false;
  return target.isContentEditable || target.matches("input, textarea, select, [role=textbox], [role=combobox]");
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("#main input[type=search], #main [data-page-search]");
  field?.focus();
  field?.select();
  return field !== null;
}

/** Keys that work on every page: Ctrl-K always; `?`, `/` and `g …` unless switched off. */
export function useShortcuts({ onPalette, onHelp }: Actions): void {
  const navigate = useNavigate();
  const singleKeys = useSingleKeys();
  const pages = usePages();
  const wentAt = useRef(-Infinity);

  const single = (event: KeyboardEvent): boolean => {
    const inSequence = event.timeStamp - wentAt.current < SEQUENCE_MS;
    wentAt.current = -Infinity;
    if (inSequence) {
      const page = pages.find(({ key }) => key === event.key);
      if (page) void navigate({ to: page.to });
      return page !== undefined;
    }
    if (event.key === "g") wentAt.current = event.timeStamp;
    else if (event.key === "?") onHelp();
    else return event.key === "/" && focusSearch();
    return true;
  };

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      onPalette();
      return;
    }
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const layered = document.querySelector("[aria-modal=true]") !== null;
    if (!singleKeys || modified || layered || isTyping(event.target)) return;
    if (single(event)) event.preventDefault();
  });

  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}
