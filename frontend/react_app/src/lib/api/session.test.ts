import { beforeEach, describe, expect, it, vi } from "vitest";

import { answer, makeToken } from "@/testing/fixtures";

import { errorFromBody } from "./errors";
import { readTokens, TOKENS_KEY, writeTokens } from "./tokens";

const REFRESH = "/api/v1/auth/token/refresh/";

/** One tab: its own copy of the module over the storage and the locks that all tabs share. */
async function openTab() {
  vi.resetModules();
  const [{ session, followOtherTabs }, { checkedFetch }] = await Promise.all([import("./session"), import("./http")]);
  return { session, followOtherTabs, checkedFetch };
}

/** The Locks API: one holder at a time, over all tabs. */
function installLocks() {
  let queue: Promise<unknown> = Promise.resolve();
  const request = vi.fn((_name: string, work: () => Promise<unknown>) => {
    const mine = queue.then(work);
    queue = mine.catch(() => undefined);
    return mine;
  });
  vi.stubGlobal("navigator", { locks: { request } });
  return request;
}

/** A server that rotates refresh tokens, and takes each once. */
function installServer() {
  let generation = 1;
  const used = new Set<string>();
  const calls = { refresh: 0, denied: 0 };
  let accepts: (access: string) => boolean = () => true;
  const handle = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = input instanceof Request ? new URL(input.url).pathname : String(input);
    await Promise.resolve();
    if (path === REFRESH) {
      calls.refresh += 1;
      const { refresh } = JSON.parse(init?.body as string) as { refresh: string };
      if (used.has(refresh)) {
        return answer({ error: { code: "token_reused", message: "Used before.", fields: {}, request_id: "r" } }, 401);
      }
      used.add(refresh);
      generation += 1;
      return answer({ access: makeToken(300, `a${generation}`), refresh: `refresh-${generation}` });
    }
    const given = (input as Request).headers.get("Authorization")?.replace("Bearer ", "") ?? "";
    if (accepts(given)) return answer({ ok: true });
    calls.denied += 1;
    return answer({ error: { code: "token_not_valid", message: "No.", fields: {}, request_id: "r" } }, 401);
  };
  vi.stubGlobal("fetch", vi.fn(handle));
  return { calls, used, accept: (rule: typeof accepts) => (accepts = rule) };
}

const url = "http://localhost/api/v1/symbols/";

describe("the session", () => {
  beforeEach(() => {
    localStorage.clear();
    installLocks();
  });

  it("refreshes once for all who ask at the same time", async () => {
    const server = installServer();
    writeTokens({ access: makeToken(5), refresh: "refresh-1" });
    const { checkedFetch } = await openTab();
    await Promise.all(Array.from({ length: 8 }, () => checkedFetch(url)));
    expect(server.calls.refresh).toBe(1);
    expect(readTokens()?.refresh).toBe("refresh-2");
  });

  it("does so without the Locks API too (plain http)", async () => {
    vi.stubGlobal("navigator", {});
    const server = installServer();
    writeTokens({ access: makeToken(5), refresh: "refresh-1" });
    const { session, checkedFetch } = await openTab();
    await Promise.all(Array.from({ length: 8 }, () => checkedFetch(url)));
    expect(server.calls.refresh).toBe(1);
    expect(session.status()).toBe("active");
  });

  it("refreshes once for two tabs, which share the new pair", async () => {
    const server = installServer();
    writeTokens({ access: makeToken(5), refresh: "refresh-1" });
    const [first, second] = [await openTab(), await openTab()];
    await Promise.all([first.checkedFetch(url), second.checkedFetch(url)]);
    expect(server.calls.refresh).toBe(1);
    expect([first.session.status(), second.session.status()]).toEqual(["active", "active"]);
  });

  it("renews a token the server refuses before its time, and asks once more", async () => {
    const server = installServer();
    const stale = makeToken(300, "stale");
    writeTokens({ access: stale, refresh: "refresh-1" });
    server.accept((access) => access !== stale);
    const { checkedFetch } = await openTab();
    expect((await checkedFetch(url)).status).toBe(200);
    expect(server.calls).toEqual({ refresh: 1, denied: 1 });
  });

  it("does not ask for ever when new tokens are refused too", async () => {
    const server = installServer();
    writeTokens({ access: makeToken(300), refresh: "refresh-1" });
    server.accept(() => false);
    const { checkedFetch } = await openTab();
    await expect(checkedFetch(url)).rejects.toMatchObject({ status: 401 });
    expect(server.calls).toEqual({ refresh: 1, denied: 2 });
  });

  it("expires, and says so, when the refresh token is refused", async () => {
    const server = installServer();
    server.used.add("refresh-1");
    writeTokens({ access: makeToken(5), refresh: "refresh-1" });
    const { session, checkedFetch } = await openTab();
    const heard = vi.fn();
    session.subscribe(heard);
    await expect(checkedFetch(url)).rejects.toMatchObject({ code: "session_expired", status: 401 });
    expect(session.status()).toBe("expired");
    expect(heard).toHaveBeenCalledOnce();
    expect(readTokens()).toBeNull();
  });

  it("keeps the tokens when the refresh fails for want of a network", async () => {
    writeTokens({ access: makeToken(5), refresh: "refresh-1" });
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("Failed to fetch")));
    const { session, checkedFetch } = await openTab();
    await expect(checkedFetch(url)).rejects.toMatchObject({ code: "network" });
    expect(session.status()).toBe("active");
    expect(readTokens()?.refresh).toBe("refresh-1");
  });

  it("ends in every tab", async () => {
    installServer();
    writeTokens({ access: makeToken(300), refresh: "refresh-1" });
    const { session, followOtherTabs } = await openTab();
    const stop = followOtherTabs();
    writeTokens(null);
    window.dispatchEvent(new StorageEvent("storage", { key: TOKENS_KEY }));
    expect(session.status()).toBe("anonymous");
    writeTokens({ access: makeToken(300), refresh: "refresh-9" });
    window.dispatchEvent(new StorageEvent("storage", { key: TOKENS_KEY }));
    expect(session.status()).toBe("active");
    stop();
  });

  it("gives an error of the server its words and its request id", async () => {
    writeTokens({ access: makeToken(300), refresh: "refresh-1" });
    const body = {
      error: { code: "invalid", message: "No such ticker.", fields: { symbol_1: ["XX is not known."] }, request_id: "q7" },
    };
    vi.stubGlobal("fetch", vi.fn().mockResolvedValue(answer(body, 400)));
    const { checkedFetch } = await openTab();
    await expect(checkedFetch(url)).rejects.toMatchObject({
      code: "invalid",
      message: "No such ticker.",
      fields: { symbol_1: ["XX is not known."] },
      requestId: "q7",
    });
  });
});

describe("errors without a body of ours", () => {
  it("still have words", () => {
    const error = errorFromBody(502, null, "h1");
    expect(error.message).toMatch(/not answering/);
    expect(error.requestId).toBe("h1");
    expect(errorFromBody(418, "<html>", null).message).toMatch(/418/);
  });
});
