/** The pages of the navigation, in its order; `key` follows `g` on the keyboard. */
export const PAGES = [
  { to: "/", label: "Dashboard", about: "Watched pairs, last scans, prices, jobs and alerts", key: "h" },
  { to: "/pair-finder", label: "Pair Finder", about: "Scan a universe for cointegrated pairs", key: "f" },
  { to: "/backtests", label: "Backtests", about: "What a rule would have earned after costs, and how much of it is luck", key: "b" },
  { to: "/sweeps", label: "Optimise", about: "Try many settings of a rule, and see how much of the best is luck", key: "o" },
  { to: "/walk-forwards", label: "Walk-forward", about: "Choose on the past, trade what came after", key: "w" },
  { to: "/data", label: "Data", about: "Universes, symbols, coverage and prices", key: "d" },
  { to: "/jobs", label: "Jobs", about: "What runs, what finished, what failed", key: "j" },
  { to: "/alerts", label: "Alerts", about: "What happened, the rules that watch, and where they tell it", key: "a" },
  { to: "/users", label: "Users", about: "Accounts, roles and the audit trail", key: "u" },
  { to: "/settings", label: "Settings", about: "Profile, preferences, security, API keys", key: "s" },
] as const;

type PageEntry = (typeof PAGES)[number];

/** What a page needs; one whose permission somebody lacks is not shown to them. */
const NEEDS: Partial<Record<PageEntry["to"], string>> = {
  "/users": "users.view_user",
  "/sweeps": "trading.view_sweep",
  "/walk-forwards": "trading.view_walkforwardrun",
  "/backtests": "trading.view_backtestrun",
};

export function allowedPages(permissions: readonly string[]): PageEntry[] {
  return PAGES.filter(({ to }) => {
    const needed = NEEDS[to];
    return needed === undefined || permissions.includes(needed);
  });
}
