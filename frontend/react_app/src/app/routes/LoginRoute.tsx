import { getRouteApi, useRouter } from "@tanstack/react-router";

import { LoginPage } from "@/features/auth";

const route = getRouteApi("/login");

export function LoginRoute() {
  const { next, welcome } = route.useSearch();
  const router = useRouter();
  return (
    <LoginPage
      welcome={welcome}
      onDone={() => {
        router.history.replace(next ?? "/");
      }}
    />
  );
}
