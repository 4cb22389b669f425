import { useComputedColorScheme } from "@mantine/core";

import { schemes, type Tokens } from "./tokens";

/** The tokens of the scheme on screen; canvases need values, where styles can use the CSS variables. */
export function useTokens(): Tokens {
  return schemes[useComputedColorScheme("light")];
}
