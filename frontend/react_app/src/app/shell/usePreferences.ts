import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";

import { displayZone } from "@/lib/displayZone";
import { setSingleKeys } from "@/lib/preferences";
import { useMe } from "@/lib/queries";
import { COLOR_SCHEME_KEY } from "@/theme/colorScheme";

/** Lets the account's preferences hold everywhere: theme, time zone, and whether single keys act. */
export function usePreferences(): void {
  const { theme, timezone, single_key_shortcuts: singleKeys } = useMe().preferences;
  const { setColorScheme } = useMantineColorScheme();
  const before = useRef(theme);
  useEffect(() => {
    // A choice made on this machine wins, until the account's is changed.
    const changed = before.current !== theme;
    before.current = theme;
    const chosenHere = localStorage.getItem(COLOR_SCHEME_KEY) !== null;
    if (changed || (theme !== "system" && !chosenHere)) setColorScheme(theme === "system" ? "auto" : theme);
  }, [theme, setColorScheme]);
  useEffect(() => displayZone.set(timezone), [timezone]);
  useEffect(() => setSingleKeys(singleKeys), [singleKeys]);
}
