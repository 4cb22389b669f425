import { useComputedColorScheme } from "@mantine/core";

import { schemes, type Tokens } from "./tokens";

/** The tokens of the scheme on screen; canvases need values, where styles can use the CSS variables. */
export function useTokens(): Tokens {
  // Read at once: a canvas drawn light in a first render keeps what it took from it where the pointer rests.
  return schemes[useComputedColorScheme("light", { getInitialValueInEffect: false })];
}
