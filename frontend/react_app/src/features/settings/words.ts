import type { KeyScope, NotificationChannel, RoleName } from "@/lib/account";

export const ROLE_MEANS: Record<RoleName, string> = {
  viewer: "Viewer: looks at prices and pairs, and at what others share",
  trader: "Trader: also scans, uploads data and keeps pairs",
  admin: "Admin: everything, other people's accounts included",
};

export const SCOPE_MEANS: Record<KeyScope, string> = {
  read: "Read everything you may read",
  data: "Symbols, universes, prices and uploads",
  research: "Scans, pairs, jobs, links, layouts and alerts",
  trade: "Orders and positions, once there are any",
  admin: "Users and the audit trail",
};

export const CHANNEL_MEANS: Record<NotificationChannel, { label: string; about: string }> = {
  in_app: { label: "In TITAN", about: "The bell in the header, and a notice while you are here." },
  email: { label: "E-mail", about: "To the e-mail channels you have set up." },
  webhook: { label: "Webhook", about: "To the webhook channels you have set up." },
};

/** "Firefox on Linux" of what a browser calls itself; its first word where it is none we know. */
export function deviceWords(userAgent: string): string {
  if (userAgent === "") return "Unknown program";
  const browsers: [RegExp, string][] = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
  ];
  const systems: [RegExp, string][] = [
    [/Windows/, "Windows"],
    [/Android/, "Android"],
    [/iPhone|iPad/, "iOS"],
    [/Mac OS X/, "macOS"],
    [/CrOS/, "ChromeOS"],
    [/Linux/, "Linux"],
  ];
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser === undefined) return userAgent.split(/[\s/]/)[0] ?? userAgent;
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  return system === undefined ? browser : `${browser} on ${system}`;
}
