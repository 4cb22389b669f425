/** The pair of tokens of a session, kept where every tab of the browser sees it. */
export interface Tokens {
  access: string;
  refresh: string;
}

export const TOKENS_KEY = "titan.session";

export function readTokens(): Tokens | null {
  try {
    const stored = JSON.parse(localStorage.getItem(TOKENS_KEY) ?? "null") as Partial<Tokens> | null;
    return stored?.access && stored.refresh ? { access: stored.access, refresh: stored.refresh } : null;
  } catch {
    return null;
  }
}

export function writeTokens(tokens: Tokens | null): void {
  if (tokens) localStorage.setItem(TOKENS_KEY, JSON.stringify(tokens));
  else localStorage.removeItem(TOKENS_KEY);
}

/** When the token stops being accepted, in milliseconds since the epoch; null if it can't be read. */
export function expiresAt(token: string): number | null {
  try {
    const payload = token.split(".")[1] ?? "";
    const json = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const { exp } = JSON.parse(json) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}
