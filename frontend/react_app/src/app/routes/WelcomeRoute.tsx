import { getRouteApi, useRouter } from "@tanstack/react-router";

import { WelcomePage } from "@/features/auth";
import { session } from "@/lib/api";

const route = getRouteApi("/welcome/$token");

export function WelcomeRoute() {
  const { token } = route.useParams();
  const router = useRouter();
  return (
    <WelcomePage
      token={token}
      onDone={(username) => {
        // Whoever was logged in on this computer is not the one who has just chosen a password.
        void session.logout();
        router.history.replace(`/login?welcome=${encodeURIComponent(username)}`);
      }}
    />
  );
}
