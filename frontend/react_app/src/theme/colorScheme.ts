import { localStorageColorSchemeManager } from "@mantine/core";

/** Where the choice lives; public/theme-boot.js reads the same key before the first paint. */
export const COLOR_SCHEME_KEY = "titan.theme";

export const colorSchemeManager = localStorageColorSchemeManager({ key: COLOR_SCHEME_KEY });
