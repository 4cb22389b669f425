import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";

import { followOtherTabs } from "@/lib/api";
import { styleNonce } from "@/lib/nonce";
import { queryClient } from "@/lib/queryClient";
import { colorSchemeManager } from "@/theme/colorScheme";
import { cssVariablesResolver, theme } from "@/theme/mantine";

import { router } from "./router";

export function App() {
  useEffect(followOtherTabs, []);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
