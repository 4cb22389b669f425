import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { session } from "@/lib/api";
import { makeQueryClient } from "@/lib/queryClient";
import { meQuery } from "@/lib/queries";
import { answer, makeMe } from "@/testing/fixtures";
import { renderInApp } from "@/testing/render";

import { endOf, expiryOf, offeredScopes } from "./keys/keyForm";
import { preferenceErrors } from "./preferences/serverErrors";
import { TotpBlock } from "./security/TotpBlock";
import { deviceWords } from "./words";

describe("keys", () => {
  const now = new Date("2026-03-01T00:00:00Z");
  it("end when they are told to, or never", () => {
    expect(expiryOf("30", now)).toBe("2026-03-31T00:00:00.000Z");
    expect(expiryOf("", now)).toBeNull();
  });

  it("say why they no longer work", () => {
    expect(endOf({ revoked_at: null, expires_at: "2026-03-02T00:00:00Z" }, now)).toBeNull();
    expect(endOf({ revoked_at: null, expires_at: "2026-03-01T00:00:00Z" }, now)?.word).toBe("Expired");
    expect(endOf({ revoked_at: "2026-02-01T00:00:00Z", expires_at: null }, now)?.word).toBe("Revoked");
  });

  it("offer no scope that their owner could not use", () => {
    expect(offeredScopes([])).toEqual(["read"]);
    expect(offeredScopes(["trading.add_scan"])).toEqual(["read", "data", "research", "trade"]);
    expect(offeredScopes(["trading.add_scan", "users.view_user"]).at(-1)).toBe("admin");
  });
});

describe("words", () => {
  it("name browsers and systems, and programs by their first word", () => {
    expect(deviceWords("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")).toBe("Firefox on Linux");
    expect(deviceWords("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0")).toBe(
      "Edge on Windows",
    );
    expect(deviceWords("python-httpx/0.28")).toBe("python-httpx");
    expect(deviceWords("")).toBe("Unknown program");
  });

  it("put the server's refusals at their fields", () => {
    expect(preferenceErrors({ fields: { "preferences.alpha": ["Too large."], other: ["No."] } })).toEqual({
      errors: { alpha: "Too large." },
      rest: ["other: No."],
    });
  });
});

/** As the server gives it: an element to stand in a page, without a namespace. */
const SVG = '<svg width="165" height="165" class="segno"><path d="M0 0h1"/></svg>';

describe("two-step log-in", () => {
  let enabled = false;
  const fetchMock = vi.fn<typeof fetch>();
  beforeEach(() => {
    enabled = false;
    vi.spyOn(session, "accessToken").mockResolvedValue("t");
    vi.stubGlobal("fetch", fetchMock);
    fetchMock.mockImplementation(async (input) => {
      const request = input as Request;
      const path = new URL(request.url).pathname;
      const body = request.method === "POST" ? ((await request.json()) as Record<string, string>) : {};
      if (path.endsWith("/auth/totp/") && request.method === "GET") {
        return answer({ enabled, confirmed_at: enabled ? "2026-01-01T00:00:00Z" : null, recovery_codes_left: 10 });
      }
      if (path.endsWith("/auth/totp/")) {
        if (body.password === "right") return answer({ secret: "JBSW", otpauth_uri: "otpauth://x", qr_svg: SVG });
        const fields = { password: ["This is not your password."] };
        return answer({ error: { code: "invalid", message: "Wrong.", fields, request_id: "r" } }, 400);
      }
      if (path.endsWith("/confirm/")) {
        enabled = body.code === "123456";
        return answer({ recovery_codes: Array.from({ length: 10 }, (_, n) => `code-${n}`) });
      }
      return answer(makeMe());
    });
  });

  it("is set up with the password, the key, a first code; the recovery codes are shown until they are kept", async () => {
    const client = makeQueryClient();
    client.setQueryData(meQuery.queryKey, makeMe());
    renderInApp(<TotpBlock />, client);
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Set up" }));
    await user.type(screen.getByLabelText("Your password"), "wrong{Enter}");
    expect(await screen.findByText("This is not your password.")).toBeInTheDocument();
    await user.clear(screen.getByLabelText("Your password"));
    await user.type(screen.getByLabelText("Your password"), "right{Enter}");
    const picture = await screen.findByRole<HTMLImageElement>("img", { name: /QR code/ });
    const drawn = decodeURIComponent(picture.src);
    expect(drawn).toContain('xmlns="http://www.w3.org/2000/svg"');
    expect(drawn).toContain('viewBox="0 0 165 165"');
    expect(screen.getByLabelText("Key")).toHaveValue("JBSW");
    await user.click(screen.getByLabelText("Code"));
    await user.paste("123 456");
    await user.keyboard("{Enter}");
    const codes = await screen.findByRole("group", { name: "Recovery codes" });
    expect(within(codes).getAllByRole("listitem")).toHaveLength(10);
    await user.click(screen.getByRole("button", { name: "I have kept them" }));
    expect(await screen.findByText(/10 recovery codes left\./)).toBeInTheDocument();
    expect(screen.queryByText("code-0")).toBeNull();
  });
});
