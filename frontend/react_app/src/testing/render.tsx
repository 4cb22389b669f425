import { MantineProvider, type MantineColorScheme } from "@mantine/core";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";

import { makeQueryClient } from "@/lib/queryClient";
import { cssVariablesResolver, theme } from "@/theme/mantine";

/** Renders with what every component of the application may expect around it. */
export function renderInApp(
  ui: ReactNode,
  client: QueryClient = makeQueryClient(),
  scheme: MantineColorScheme = "light",
) {
  const view = render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme={scheme} env="test">
      <QueryClientProvider client={client}>{ui}</QueryClientProvider>
    </MantineProvider>,
  );
  return { client, ...view };
}
