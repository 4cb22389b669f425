import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";

import { useMe } from "@/lib/queries";
import { COLOR_SCHEME_KEY } from "@/theme/colorScheme";

/** On a machine where no theme was chosen yet, takes the one the account remembers. */
export function useAccountTheme(): void {
  const { theme } = useMe().preferences;
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (theme === "system" || localStorage.getItem(COLOR_SCHEME_KEY) !== null) return;
    setColorScheme(theme);
  }, [theme, setColorScheme]);
}
