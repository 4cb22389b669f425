/** The pages of the navigation, in its order; `key` follows `g` on the keyboard. */
export const PAGES = [
  { to: "/pair-finder", label: "Pair Finder", about: "Scan a universe for cointegrated pairs", key: "f" },
  { to: "/data", label: "Data", about: "Universes, symbols, coverage and prices", key: "d" },
  { to: "/jobs", label: "Jobs", about: "What runs, what finished, what failed", key: "j" },
] as const;
