import { SharesPage } from "@/features/shared";

export function SharesRoute() {
  return <SharesPage />;
}
